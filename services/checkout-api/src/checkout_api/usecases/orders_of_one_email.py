"""Orders of one e-mail: the same order leads to its open page, another one opens a page beside it.

Knowing an e-mail gives no power over its owner's purchase, so no order closes, blocks or shows a page of another one.
Refused is only a second subscription of one organisation, while the first goes on; an e-mail may have several of these.
"""

from datetime import datetime

import msgspec

from checkout_api.usecases.errors import AlreadySubscribed, FieldError, InvalidOrder
from egpay.domain.order import Order, fold_name
from egpay.domain.sale import Sale
from egpay.domain.values import EmailKey, SaleId, email_key
from egpay.ports.customers import SaleCustomer
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import UnitOfWork

_GOES_ON = (
    "this e-mail has a subscription that goes on, which is managed at `manage_url`; to order for an organisation that"
    " is not one of its own, send `another_organisation`: true"
)
_NOT_ANOTHER = "must be left out: this e-mail has an organisation of this name, and the order is for that one"


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
    """Raise AlreadySubscribed for a second subscription of one organisation while the first goes on.

    For an organisation that is not one of the e-mail's, an order has to say so. The words are the same in both cases,
    so that trying names tells no one which of them are the owner's.
    """
    if sale.plan is None:
        return
    live = [one for one in await uow.accounts.live_subscriptions(sale.email_key) if one.sale_id != sale.id]
    if not live:
        return
    named = fold_name(sale.organisation)
    if any(fold_name(one.organisation) == named for one in live):
        raise AlreadySubscribed(_GOES_ON)
    if not sale.another_organisation and named not in await _organisations(uow, sale.email_key):
        raise AlreadySubscribed(_GOES_ON)


async def check_other_organisation(uow: UnitOfWork, order: Order) -> Order:
    """The order, which names another organisation only where the e-mail has one.

    Raises InvalidOrder when the other organisation has the name of one of the e-mail's.
    """
    if not order.another_organisation:
        return order
    own = await _organisations(uow, email_key(order.email))
    if fold_name(order.organisation) in own:
        raise InvalidOrder([FieldError("another_organisation", _NOT_ANOTHER)])
    return order if own else msgspec.structs.replace(order, another_organisation=False)


async def _organisations(uow: UnitOfWork, key: EmailKey) -> frozenset[str]:
    return frozenset(map(fold_name, await uow.accounts.organisations_of(key)))
