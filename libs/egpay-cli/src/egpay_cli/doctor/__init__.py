"""Doctor command: checks database, broker and Stripe, one line each with the fix; the worst decides."""

from collections.abc import Sequence
from typing import Annotated

import typer

from egpay.domain.errors import EgpayError
from egpay.settings import from_env
from egpay_cli.doctor.broker import look_at_broker
from egpay_cli.doctor.cases import look_at_cases
from egpay_cli.doctor.database import look_at_database
from egpay_cli.doctor.finding import Look, Sign, note, ok, wrong
from egpay_cli.doctor.product import look_at_product
from egpay_cli.doctor.provider import look_at_stripe
from egpay_cli.options import AsJson
from egpay_cli.output import Cell, print_table
from egpay_cli.running import run, say_json
from egpay_cli.settings import DoctorSettings


def doctor(
    *,
    replicas: Annotated[int, typer.Option(help="Copies of the stream that there should be.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Look at everything and say what is wrong; the exit code is 1 when something is.

    It looks at what it is given: DATABASE_URL always; NATS_URL, STRIPE_SECRET_KEY and PUBLIC_URL where they are set.
    """
    signs = run(lambda: _examine(replicas))
    bad = any(sign.state == "wrong" for sign in signs)
    if as_json:
        say_json({"healthy": not bad, "checks": signs})
    else:
        print_table(
            ("state", "what", "words"),
            [(Cell(sign.state, sign.state), sign.what, sign.words) for sign in signs],
        )
    if bad:
        raise typer.Exit(1)


async def _examine(replicas: int) -> Sequence[Sign]:
    settings = from_env(DoctorSettings)
    looks: list[tuple[str, Look]] = [
        ("database", lambda: look_at_database(settings)),
        ("cases", lambda: look_at_cases(settings)),
        ("product", lambda: look_at_product(settings)),
        ("broker", lambda: look_at_broker(settings, replicas)),
        ("stripe", lambda: look_at_stripe(settings)),
    ]
    # One after the other: loading Stripe's package holds up all others, and a slow machine would look like a database
    # that does not answer.
    found = [await _careful(what, look) for what, look in looks]
    notes = [_given(settings), _seller(settings), _served(settings)]
    return [*notes, *(sign for signs in found for sign in signs)]


async def _careful(what: str, look: Look) -> Sequence[Sign]:
    try:
        return await look()
    except EgpayError as fault:
        return [wrong(what, str(fault))]


def _seller(settings: DoctorSettings) -> Sign:
    if settings.seller_address is None:
        return note(
            "seller", "SELLER_ADDRESS is not given: letters and order confirmations name no postal address"
        )
    return ok("seller", "letters name its postal address")


def _given(settings: DoctorSettings) -> Sign:
    absent = [name.upper() for name in ("nats_url", "stripe_secret_key") if getattr(settings, name) is None]
    if absent:
        return note("configuration", f"not looked at for want of {', '.join(absent)}")
    return Sign(what="configuration", state="ok", words="complete")


def _served(settings: DoctorSettings) -> Sign:
    if settings.countries:
        return ok("countries", f"devices are sent to {', '.join(settings.countries)}")
    return note(
        "countries", "no one chose: devices are sent wherever Checkout takes an address; set COUNTRIES"
    )
