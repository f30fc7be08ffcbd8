"""Orders of one e-mail: the same order leads to its open page, another one opens a page beside it.

Knowing an e-mail gives no power over its owner's purchase, so no order closes, blocks or shows a page of another one.
Refused is only a second subscription, while the first goes on.
"""

from datetime import datetime

import msgspec

from checkout_api.usecases.errors import AlreadySubscribed
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import SaleId
from egpay.ports.customers import SaleCustomer
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork


class StoredSale(msgspec.Struct, frozen=True):
    """A committed sale; `page` is None while the session of its `session_attempt` is yet to be opened.

    The page is opened for `customer`, which no other sale uses.
    """

    sale: Sale
    order: Order
    page: CheckoutSession | None = None
    customer: SaleCustomer = SaleCustomer()


async def find_open_sale(
    uow: UnitOfWork, order: Order, *, at: datetime, beside: SaleId | None = None
) -> StoredSale | None:
    """Load the sale that is open for the same order: two tabs, a second click, another key.

    Of two equal orders at once the second waits here for the first.
    """
    open_id = await uow.sales.open_order(order, at=at)
    found = await uow.sales.find(open_id) if open_id and open_id != beside else None
    if found is None:
        return None
    sale, placed = found
    if page := await uow.sales.session(sale.id):
        return StoredSale(sale, placed, page)
    return StoredSale(sale, placed, customer=await uow.customers.of_sale(sale.id, at=at))


async def refuse_second_subscription(uow: UnitOfWork, sale: Sale) -> None:
    """Raise AlreadySubscribed for a second subscription while another of this e-mail goes on."""
    if sale.plan is None:
        return
    live = await uow.accounts.live_subscription(sale.email_key)
    if live and live.sale_id != sale.id:
        raise AlreadySubscribed("this e-mail has a subscription that goes on")
