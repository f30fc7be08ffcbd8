"""Sale transactions: stores and loads a sale around opening its session, one function a transaction."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from checkout_api.usecases.form_parser import ParsedForm
from checkout_api.usecases.one_open_order import (
    ConflictingSale,
    StoredSale,
    refuse_second_subscription,
    resolve_open_sale,
)
from checkout_api.usecases.order_validation import check_order, products_named
from egpay.domain.errors import Defect, Outage
from egpay.domain.sale import Sale, SaleStatus, open_sale
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId, SessionId
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


async def store_sale(
    uow: UnitOfWork, reading: ParsedForm, *, new_id: Callable[[], SaleId], at: datetime
) -> StoredSale | ConflictingSale:
    """Validate the order against the catalogue and store it as a sale with the prices of this moment.

    Where the e-mail has an open order of a subscription, that is resolved instead.
    """
    catalogue = await uow.products.named(list(set(products_named(reading).values())))
    order = check_order(reading, catalogue)
    sale = open_sale(order, sale_id=new_id(), at=at)
    await refuse_second_subscription(uow, sale)
    if not await uow.sales.add(sale, order):
        return await resolve_open_sale(uow, sale, order, at=at)
    plan = f" and {order.plan}" if order.plan else ""
    what = f"{order.device_quantity} devices{plan}, {order.total} {order.currency}"
    await uow.timeline.note(_entry(sale, at, "sale.started", what))
    return StoredSale(sale, order)


async def load_sale(uow: UnitOfWork, sale_id: SaleId, *, at: datetime) -> StoredSale | ConflictingSale:
    """Load the sale that an earlier request stored, with its session while that can still be paid.

    A session that expired, or whose delayed payment failed, is not returned again: the sale then needs its next one,
    unless the account has another subscription meanwhile, or another order of one is open.
    """
    found = await uow.sales.find(sale_id)
    if found is None:
        raise Defect(f"an idempotency key leads to {sale_id}, which does not exist")
    sale, order = found
    page = await uow.sales.session(sale_id)
    if page and not _is_dead(page, sale, at):
        return StoredSale(sale, order, page)
    await refuse_second_subscription(uow, sale)
    if sale.plan is not None and await uow.sales.open_to(sale.email_key) not in (None, sale_id):
        return await resolve_open_sale(uow, sale, order, at=at)
    if page:
        sale = msgspec.structs.replace(sale, session_attempt=sale.session_attempt + 1)
    return StoredSale(sale, order)


async def store_session(uow: UnitOfWork, kept: StoredSale, page: CheckoutSession, *, at: datetime) -> None:
    """Store the session of a sale, before a buyer is sent to it.

    Raises Outage when a newer order superseded the sale while its session was being opened again.
    """
    sale = kept.sale
    known = await uow.sales.session(sale.id)
    if not await uow.sales.session_opened(sale.id, page, attempt=sale.session_attempt):
        # The page stays open, because the next request with this key gets the same one; its URL was sent to no one.
        raise Outage("another order of this e-mail is being placed", retry_after=1)
    if known is None or known.id != page.id:
        what = f"Checkout page {sale.session_attempt} opened"
        await uow.timeline.note(_entry(sale, at, "checkout.session_opened", what))


async def store_session_closed(
    uow: UnitOfWork, older: StoredSale, page: SessionId | None, *, at: datetime
) -> None:
    """Store that the session of a sale is closed, so that it cannot be paid any more."""
    await uow.sales.session_closed(older.sale.id, page)
    what = "a newer order of the same e-mail took its place"
    await uow.timeline.note(_entry(older.sale, at, "checkout.superseded", what))


def _is_dead(page: CheckoutSession, sale: Sale, at: datetime) -> bool:
    timed_out = page.expires_at is not None and page.expires_at <= at
    return sale.session_is_dead or (timed_out and sale.status is SaleStatus.IN_PROGRESS)


def _entry(sale: Sale, at: datetime, kind: str, what: str) -> Entry:
    return Entry(subject=sale.id, at=at, kind=kind, what=what, sale_id=sale.id)
