"""Acts on a sale: cancel it; have its devices sent again, held, released, or sent elsewhere."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.system.clock import utc_now
from egpay.domain.acts import PersonalArguments
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import (
    AddressCorrected,
    SaleCancelled,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
    Source,
)
from egpay.domain.values import Address, SaleId
from egpay.settings import from_env
from egpay_cli.acts import ActOptions, Again, DryRun, Key, enter
from egpay_cli.options import AsJson, NeededReason
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


def cancel(
    sale_id: Sale,
    *,
    reason: NeededReason,
    refund: Annotated[bool, typer.Option("--refund", help="Give back what was paid.")] = False,
    keep_money: Annotated[bool, typer.Option("--keep-money", help="Keep what was paid.")] = False,
    key: Key = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Cancel a sale that has not left: its page closes, its parcel stays. A paid one needs a word about the money."""
    options = ActOptions(reason=reason, key=key, again=again, dry_run=dry_run, as_json=as_json)
    money = _money(refund=refund, keep_money=keep_money)
    event = SaleCancelled(**_base(sale_id, options), money=money)
    enter(event, options, watch=_watch(sale_id))


def ship_again(
    sale_id: Sale,
    *,
    reason: NeededReason,
    key: Key = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have the devices sent once more that could not be sent, came back, are lost, or were cancelled."""
    options = ActOptions(reason=reason, key=key, again=again, dry_run=dry_run, as_json=as_json)
    shipment = run(lambda: seen(SaleId(sale_id))).shipment
    attempt = shipment.attempt + 1 if shipment else 1
    event = ShipmentRepeated(**_base(sale_id, options), attempt=attempt)
    enter(event, options, watch=_watch(sale_id))


def hold(
    sale_id: Sale,
    *,
    reason: NeededReason,
    key: Key = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Keep devices that have not left from leaving, until they are released."""
    options = ActOptions(reason=reason, key=key, again=again, dry_run=dry_run, as_json=as_json)
    enter(ShipmentHeld(**_base(sale_id, options)), options, watch=_watch(sale_id))


def release(
    sale_id: Sale,
    *,
    reason: NeededReason,
    key: Key = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let held devices leave: held by hand, for a part that went back, or for a sum that is not the order's.

    A dispute, a warning and a review hold them all the same.
    """
    options = ActOptions(reason=reason, key=key, again=again, dry_run=dry_run, as_json=as_json)
    facts = run(lambda: seen(SaleId(sale_id)))
    event = ShipmentReleased(
        **_base(sale_id, options),
        settled_refund=facts.payment.undecided_refund if facts.payment else 0,
        misfit_accepted=facts.shipment is not None and facts.shipment.misfit is not None,
    )
    enter(event, options, watch=_watch(sale_id))


def correct_address(  # noqa: PLR0913 - the parts of an address, and the options of an act
    sale_id: Sale,
    *,
    reason: NeededReason,
    line1: Part = None,
    line2: Part = None,
    city: Part = None,
    state: Part = None,
    postal_code: Part = None,
    country: Part = None,
    key: Key = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Correct where devices go that have not left; parts that are not given stay as they are."""
    options = ActOptions(reason=reason, key=key, again=again, dry_run=dry_run, as_json=as_json)
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
        "id": options.new_key(),
        "occurred_at": utc_now(),
        "source": Source.OPERATOR,
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
