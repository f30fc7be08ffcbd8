"""Acts on a sale: cancel it; have its devices sent again, held, released, or sent elsewhere."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer

from egpay.domain.acts import PersonalArguments
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import (
    AddressCorrected,
    SaleCancelled,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
)
from egpay.domain.values import Address, SaleId
from egpay.settings import from_env
from egpay_cli.acts import ActOptions, act_command, enter
from egpay_cli.rules import address_rules
from egpay_cli.running import run
from egpay_cli.seen import seen
from egpay_cli.settings import DoctorSettings

Sale = Annotated[str, typer.Argument(help="The sale's id, sale_...")]
Part = Annotated[str | None, typer.Option(help="As it is to be printed; an empty text takes the part off.")]


def register(app: typer.Typer) -> None:
    """Add the acts to the commands of a sale."""
    for command in (cancel, ship_again, hold, release, correct_address):
        app.command(command.__name__.replace("_", "-"))(command)


@act_command
def cancel(
    sale_id: Sale,
    *,
    options: ActOptions,
    refund: Annotated[bool, typer.Option("--refund", help="Give back what was paid.")] = False,
    keep_money: Annotated[bool, typer.Option("--keep-money", help="Keep what was paid.")] = False,
) -> None:
    """Cancel a sale that has not left: its page closes, its parcel stays. A paid one needs a word about the money."""
    money = _money(refund=refund, keep_money=keep_money)
    event = SaleCancelled(**_base(sale_id, options), money=money)
    enter(event, options, watch=_watch(sale_id))


@act_command
def ship_again(
    sale_id: Sale,
    *,
    options: ActOptions,
) -> None:
    """Have the devices sent once more that could not be sent, came back, are lost, or were cancelled."""
    shipment = run(lambda: seen(SaleId(sale_id))).shipment
    attempt = shipment.attempt + 1 if shipment else 1
    event = ShipmentRepeated(**_base(sale_id, options), attempt=attempt)
    enter(event, options, watch=_watch(sale_id))


@act_command
def hold(
    sale_id: Sale,
    *,
    options: ActOptions,
) -> None:
    """Keep devices that have not left from leaving, until they are released."""
    enter(ShipmentHeld(**_base(sale_id, options)), options, watch=_watch(sale_id))


@act_command
def release(
    sale_id: Sale,
    *,
    options: ActOptions,
) -> None:
    """Let held devices leave: held by hand, for a part that went back, or for a sum that is not the order's.

    A dispute, a warning and a review hold them all the same.
    """
    facts = run(lambda: seen(SaleId(sale_id)))
    event = ShipmentReleased(
        **_base(sale_id, options),
        settled_refund=facts.payment.undecided_refund if facts.payment else 0,
        misfit_accepted=facts.shipment is not None and facts.shipment.misfit is not None,
    )
    enter(event, options, watch=_watch(sale_id))


@act_command
def correct_address(
    sale_id: Sale,
    *,
    options: ActOptions,
    line1: Part = None,
    line2: Part = None,
    city: Part = None,
    state: Part = None,
    postal_code: Part = None,
    country: Part = None,
) -> None:
    """Correct where devices go that have not left; parts that are not given stay as they are."""
    given = {
        "line1": line1,
        "line2": line2,
        "city": city,
        "state": state,
        "postal_code": postal_code,
        "country": country,
    }
    address = run(lambda: _address(SaleId(sale_id), given))
    event = AddressCorrected(**_base(sale_id, options))
    enter(event, options, watch=_watch(sale_id), personal=PersonalArguments(address=address))


async def _address(sale_id: SaleId, given: Mapping[str, str | None]) -> Address:
    facts = await seen(sale_id)
    known = msgspec.structs.asdict(facts.address) if facts.address else {}
    typed = {**known, **{part: text for part, text in given.items() if text is not None}}
    return address_rules()(typed, from_env(DoctorSettings).countries)


def _base(sale_id: str, options: ActOptions) -> dict[str, Any]:
    return {
        **options.header(),
        "sale_id": SaleId(sale_id),
    }


def _watch(sale_id: str) -> str:
    return f"egpay sale show {sale_id}"


def _money(*, refund: bool, keep_money: bool) -> CancelledMoney | None:
    if refund and keep_money:
        raise typer.BadParameter("--refund or --keep-money, not both")
    if refund:
        return CancelledMoney.REFUND
    return CancelledMoney.KEEP if keep_money else None
