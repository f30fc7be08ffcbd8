"""One open order per e-mail: the same order leads to the open sale, another one supersedes it."""

from datetime import datetime

import msgspec

from checkout_api.usecases.errors import AlreadySubscribed
from egpay.domain.errors import Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


class StoredSale(msgspec.Struct, frozen=True):
    """A committed sale; `page` is None while the session of its `session_attempt` is yet to be opened."""

    sale: Sale
    order: Order
    page: CheckoutSession | None = None


class ConflictingSale(msgspec.Struct, frozen=True):
    """An open sale of the same e-mail for another order: its session must be expired first."""

    older: StoredSale


async def resolve_open_sale(
    uow: UnitOfWork, sale: Sale, order: Order, *, at: datetime
) -> StoredSale | ConflictingSale:
    """Resolve an order while another of the same e-mail is open: return the open sale, or the conflict.

    That happens with two tabs, a second click or a change of mind. The same order leads to the open sale: the buyer
    sees one page, however often it is requested. Another order is a change of mind, so it replaces the open one. While
    a delayed payment is under way neither is possible, because that subscription is ordered: raises AlreadySubscribed.
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
    )  # the spelling of the e-mail may differ this time
    return kept if same and not timed_out else ConflictingSale(kept)


async def refuse_second_subscription(uow: UnitOfWork, sale: Sale) -> None:
    """Raise AlreadySubscribed for a second subscription: an account holds one live one at a time."""
    if sale.plan is None:
        return
    live = await uow.accounts.live_subscription(sale.email_key)
    if live and live.sale_id != sale.id:
        raise AlreadySubscribed("this e-mail has a live subscription")
