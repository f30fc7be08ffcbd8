"""Acts on a sale: cancel it."""

from typing import Annotated

import typer

from egpay.adapters.system.clock import utc_now
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.errors import Refusal
from egpay.domain.events import SaleCancelled, Source
from egpay.domain.values import SaleId
from egpay_cli.acts import ActOptions, Again, DryRun, Key, enter
from egpay_cli.options import AsJson, NeededReason

Sale = Annotated[str, typer.Argument(help="The sale's id, sale_...")]


def register(app: typer.Typer) -> None:
    """Add the acts to the commands of a sale."""
    app.command("cancel")(cancel)


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
    event = SaleCancelled(
        id=options.new_key(),
        occurred_at=utc_now(),
        source=Source.OPERATOR,
        sale_id=SaleId(sale_id),
        money=money,
    )
    enter(event, options, watch=f"egpay sale show {sale_id}")


def _money(*, refund: bool, keep_money: bool) -> CancelledMoney | None:
    if refund and keep_money:
        raise typer.BadParameter("--refund or --keep-money, not both")
    if refund:
        raise Refusal("refund it at Stripe for now, and cancel it with --keep-money")
    return CancelledMoney.KEEP if keep_money else None
