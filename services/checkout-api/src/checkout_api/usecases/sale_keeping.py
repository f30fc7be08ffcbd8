"""What is written of a sale around the moment its page is opened: each function is one transaction's worth."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from checkout_api.usecases.cart_check import products_named
from checkout_api.usecases.form_reader import Reading
from checkout_api.usecases.order_check import check_order
from checkout_api.usecases.refusals import AlreadySubscribed
from egpay.domain.errors import Defect
from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus, open_sale
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


class KeptSale(msgspec.Struct, frozen=True):
    """A sale that is safe in the database. `page` is None when one has yet to be opened, for the sale's
    `session_attempt`."""

    sale: Sale
    order: Order
    page: CheckoutSession | None = None


async def keep_new_sale(
    uow: UnitOfWork, reading: Reading, *, new_id: Callable[[], SaleId], at: datetime
) -> KeptSale:
    """Check the order against the catalogue and keep it as a sale with the prices of this moment."""
    catalogue = await uow.products.named(list(set(products_named(reading).values())))
    order = check_order(reading, catalogue)
    sale = open_sale(order, sale_id=new_id(), at=at)
    await _refuse_second_subscription(uow, sale)
    await uow.sales.add(sale, order)
    plan = f" and {order.plan}" if order.plan else ""
    await uow.timeline.note(
        _entry(
            sale, at, "sale.started", f"{order.device_quantity} devices{plan}, {order.total} {order.currency}"
        )
    )
    return KeptSale(sale, order)


async def find_kept_sale(uow: UnitOfWork, sale_id: SaleId, *, at: datetime) -> KeptSale:
    """The sale that an earlier request kept, with its page while that can still be paid on.

    A page that expired, or whose delayed payment failed, is not handed out again: the sale then asks for its next
    one, unless the account has found another subscription meanwhile.
    """
    found = await uow.sales.find(sale_id)
    if found is None:
        raise Defect(f"an idempotency key leads to {sale_id}, which does not exist")
    sale, order = found
    page = await uow.sales.session(sale_id)
    if page and not _is_dead(page, sale, at):
        return KeptSale(sale, order, page)
    await _refuse_second_subscription(uow, sale)
    if page:
        sale = msgspec.structs.replace(sale, session_attempt=sale.session_attempt + 1)
    return KeptSale(sale, order)


async def keep_page(uow: UnitOfWork, kept: KeptSale, page: CheckoutSession, *, at: datetime) -> None:
    """Remember the page of a sale, before anybody is sent to it."""
    sale = kept.sale
    await uow.sales.session_opened(sale.id, page, attempt=sale.session_attempt)
    what = f"Checkout page {sale.session_attempt} opened"
    await uow.timeline.note(_entry(sale, at, "checkout.session_opened", what))


def _is_dead(page: CheckoutSession, sale: Sale, at: datetime) -> bool:
    timed_out = page.expires_at is not None and page.expires_at <= at
    return sale.page_is_dead or (timed_out and sale.status is SaleStatus.IN_PROGRESS)


async def _refuse_second_subscription(uow: UnitOfWork, sale: Sale) -> None:
    if sale.plan is None:
        return
    live = await uow.accounts.live_subscription(sale.email_key)
    if live and live.sale_id != sale.id:
        raise AlreadySubscribed("this e-mail has a live subscription")


def _entry(sale: Sale, at: datetime, kind: str, what: str) -> Entry:
    return Entry(subject=sale.id, at=at, kind=kind, what=what, sale_id=sale.id)
