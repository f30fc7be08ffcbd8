"""One e-mail has one open order of a subscription: the same order again is the same sale, another takes its place."""

from datetime import datetime

import msgspec

from checkout_api.usecases.errors import AlreadySubscribed
from egpay.domain.errors import Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


class StoredSale(msgspec.Struct, frozen=True):
    """A sale that is safe in the database. `page` is None when one has yet to be opened, for the sale's
    `session_attempt`."""

    sale: Sale
    order: Order
    page: CheckoutSession | None = None


class ConflictingSale(msgspec.Struct, frozen=True):
    """An open sale of the same e-mail for another order: its page is to be closed first."""

    older: StoredSale


async def resolve_open_sale(
    uow: UnitOfWork, sale: Sale, order: Order, *, at: datetime
) -> StoredSale | ConflictingSale:
    """What becomes of an order while another of the same e-mail is open (two tabs, a second click, a change of mind).

    The same order is led to the sale that is open: the buyer sees one page, however often it was asked for. Another
    order means that the buyer has thought again, and so replaces the open one. While a delayed payment is under way
    neither is possible: that subscription is ordered. Raises AlreadySubscribed then.
    """
    older_id = await uow.sales.open_to(sale.email_key)
    found = await uow.sales.find(older_id) if older_id else None
    if found is None:
        raise Outage("the open order of this e-mail is being closed", retry_after=1)
    older, placed = found
    if older.status is SaleStatus.AWAITING_PAYMENT:
        raise AlreadySubscribed("a payment for a subscription of this e-mail is under way")
    page = await uow.sales.session(older.id)
    kept = StoredSale(older, placed, page)
    timed_out = page is not None and page.expires_at is not None and page.expires_at <= at
    same = (
        msgspec.structs.replace(order, email=placed.email) == placed
    )  # however the e-mail was typed this time
    return kept if same and not timed_out else ConflictingSale(kept)


async def refuse_second_subscription(uow: UnitOfWork, sale: Sale) -> None:
    """An account holds one live subscription at a time. Raises AlreadySubscribed."""
    if sale.plan is None:
        return
    live = await uow.accounts.live_subscription(sale.email_key)
    if live and live.sale_id != sale.id:
        raise AlreadySubscribed("this e-mail has a live subscription")
