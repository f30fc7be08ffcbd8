"""Access commands: which organisation may use the product, until when and why."""

from typing import Annotated, Any

import typer

from egpay.adapters.postgres.operator import PostgresAccessQueries
from egpay.adapters.system.api_keys import new_api_key
from egpay.adapters.system.clock import utc_now
from egpay.domain.access import GRACE_OVER, AccessLevel, current_level
from egpay.domain.api_key import api_key_hash, check_entry
from egpay.domain.errors import Refusal
from egpay.ports.accesses import AccessRecord
from egpay_cli.options import AsJson
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="What organisations may use.")
Name = Annotated[str, typer.Argument(help="The id of an organisation, or of a subscription or sale of its.")]


@app.command("ls")
def listed(
    *,
    level: Annotated[AccessLevel | None, typer.Option(help="Only those of this level.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the access of every organisation, by its name."""
    found = run(lambda: _list(level))
    if as_json:
        say_json([_content(record) for record in found])
        return
    for record in found:
        told = _content(record)
        until = f"{told['until']:%Y-%m-%d %H:%M}" if told["until"] else "-"
        plan = f"{told['plan'] or '-'} x{told['seats']}"
        say(
            f"{told['access']:5}  {record.organisation} ({told['organisation_id']})  {told['why']}  until {until}  {plan}"
        )
    if not found:
        say("no organisation has that access" if level else "no organisation has a subscription yet")


@app.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show the access of one organisation."""
    record = run(lambda: _show(name))
    told = _content(record)
    if as_json:
        say_json(told)
        return
    for field, value in told.items():
        if value not in (None, "", ()):
            shown = ", ".join(value) if isinstance(value, tuple) else value
            say(f"{field.replace('_', ' '):16} {shown}")


@app.command("new-key")
def new_key(
    name: Annotated[str, typer.Argument(help="The program that will hold it, such as app.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key for a program of the product: shown once, and stored nowhere.

    Its hash goes into API_KEYS of checkout-api, beside those that are there.
    """
    key = new_api_key()
    entry = f"{name}:{api_key_hash(key)}"
    try:
        check_entry(entry)
    except ValueError:
        raise typer.BadParameter("a name has letters, digits, points and dashes, 64 at most") from None
    if as_json:
        say_json({"name": name, "key": key, "api_keys": entry})
        return
    say(f"key, for the program alone  {key}")
    say(f"entry, for API_KEYS         {entry}")


async def _list(level: AccessLevel | None) -> list[AccessRecord]:
    async with database() as engine:
        return list(await PostgresAccessQueries(engine).accesses(level))


async def _show(name: str) -> AccessRecord:
    async with database() as engine:
        record = await PostgresAccessQueries(engine).of(name)
    if record is None:
        raise Refusal(f"no access is stored for {name}")
    return record


def _content(record: AccessRecord) -> dict[str, Any]:
    """As the API of the product says it; a grace period that has ended is none, also before it is stored."""
    access = record.access
    level = current_level(access, at=utc_now())
    over = level is not access.level
    return {
        "organisation": record.organisation,
        "organisation_id": access.organisation_id,
        "access": level.value,
        "until": None if over else access.until,
        "why": GRACE_OVER if over else access.why,
        "plan": access.plan,
        "seats": access.seats,
        "subscription": access.subscription_id,
        "subscriptions": record.subscriptions,
        "version": access.version,
    }
