"""Sale transactions: stores and loads a sale around opening its session, one function a transaction."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from checkout_api.usecases.errors import PaymentProviderRefused
from checkout_api.usecases.form_parser import ParsedForm
from checkout_api.usecases.order_validation import check_order, products_named, sold_by
from checkout_api.usecases.orders_of_one_email import (
    StoredSale,
    begun_with,
    check_other_organisation,
    customer_of,
    find_open_sale,
    known_customer,
    refuse_second_subscription,
)
from egpay.domain.currencies import shown
from egpay.domain.errors import Defect, Refusal
from egpay.domain.open_sale import open_sale
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


async def store_sale(
    uow: UnitOfWork,
    reading: ParsedForm,
    *,
    new_id: Callable[[], SaleId],
    at: datetime,
    countries: frozenset[str],
) -> StoredSale:
    """Validate the order against the catalogue and store it as a sale with the prices of this moment.

    Where a sale is open for the same order, that is returned instead.
    """
    named = list(set(products_named(reading).values()))
    order = check_order(reading, await uow.products.named(named), countries)
    order = sold_by(order, await uow.products.prices(named))
    order = await check_other_organisation(uow, order)
    customer = await known_customer(uow, order, reading.values.get("customer_token"), at=at)
    sale = open_sale(order, sale_id=new_id(), at=at, customer=customer.id)
    await refuse_second_subscription(uow, sale)
    if is_open := await find_open_sale(uow, order, at=at, customer=customer):
        return is_open
    await uow.sales.add(sale, order)
    plan = f" and {order.plan}" if order.plan else ""
    what = f"{order.device_quantity} devices{plan}, {shown(order.total, order.currency)}"
    await uow.timeline.note(_entry(sale, at, "sale.started", what))
    return StoredSale(sale, order, customer=customer)


async def load_sale(uow: UnitOfWork, sale_id: SaleId, *, at: datetime) -> StoredSale:
    """Load the sale that an earlier request stored, with its session while that can still be paid.

    A session that expired, or whose delayed payment failed, is not returned again: the sale then needs its next one,
    unless the e-mail has another subscription meanwhile, or another sale is open for the same order.
    """
    found = await uow.sales.find(sale_id)
    if found is None:
        raise Defect(f"an idempotency key leads to {sale_id}, which does not exist")
    sale, order = found
    if sale.cancelled:
        raise Refusal("the order was cancelled: it can be placed again")
    page = await uow.sales.session(sale_id)
    if page and not _is_dead(page, sale, at):
        return StoredSale(sale, order, page)
    await refuse_second_subscription(uow, sale)
    customer = await begun_with(uow, sale)
    if other := await find_open_sale(uow, order, at=at, customer=customer, beside=sale_id):
        return other
    if page:
        sale = msgspec.structs.replace(sale, session_attempt=sale.session_attempt + 1)
    return StoredSale(sale, order, customer=await customer_of(uow, sale, at=at))


async def store_session(uow: UnitOfWork, kept: StoredSale, page: CheckoutSession, *, at: datetime) -> None:
    """Store the session of a sale, before a buyer is sent to it.

    Raises AlreadySubscribed when a subscription of this e-mail was settled meanwhile: the worker closes the pages that
    are stored by then, and the URL of this one is sent to no one.
    """
    sale = kept.sale
    await refuse_second_subscription(uow, sale)
    known = await uow.sales.session(sale.id)
    await uow.sales.session_opened(sale.id, page, attempt=sale.session_attempt)
    if known is None or known.id != page.id:
        what = f"Checkout page {sale.session_attempt} opened"
        await uow.timeline.note(_entry(sale, at, "checkout.session_opened", what))


async def store_refusal(
    uow: UnitOfWork, sale: Sale, refusal: PaymentProviderRefused, *, at: datetime
) -> None:
    """Store why the provider opened no session: its code, its parameter and its request's id, and no value."""
    what = f"Checkout page {sale.session_attempt} was refused: {refusal}"
    await uow.timeline.note(_entry(sale, at, "checkout.refused", what))


def _is_dead(page: CheckoutSession, sale: Sale, at: datetime) -> bool:
    timed_out = page.expires_at is not None and page.expires_at <= at
    return sale.session_is_dead or (timed_out and sale.status is SaleStatus.IN_PROGRESS)


def _entry(sale: Sale, at: datetime, kind: str, what: str) -> Entry:
    return Entry(subject=sale.id, at=at, kind=kind, what=what, sale_id=sale.id)
