"""Orders of one e-mail: the same order leads to its open page, another one opens a page beside it.

Knowing an e-mail gives no power over its owner's purchase, so no order closes, blocks or shows a page of another one.
Refused is only a second subscription of one organisation, while the first goes on; an e-mail may have several of these.
"""

from datetime import datetime

import msgspec

from checkout_api.usecases.errors import AlreadySubscribed, FieldError, InvalidOrder
from egpay.domain.account import token_hash
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

    The page is opened for `customer`, which no other sale uses unless it was known before.
    """

    sale: Sale
    order: Order
    page: CheckoutSession | None = None
    customer: SaleCustomer = SaleCustomer()


async def find_open_sale(
    uow: UnitOfWork,
    order: Order,
    *,
    at: datetime,
    customer: SaleCustomer,
    beside: SaleId | None = None,
) -> StoredSale | None:
    """Load the sale that is open for the same order: two tabs, a second click, another key.

    Of two equal orders at once the second waits here for the first. A page of a known `customer` shows that customer,
    so it is found by an order only that has proved to be of its owner.
    """
    open_id = await uow.sales.open_order(order, at=at, customer=customer.id if customer.known else None)
    found = await uow.sales.find(open_id) if open_id and open_id != beside else None
    if found is None:
        return None
    sale, placed = found
    if page := await uow.sales.session(sale.id):
        return StoredSale(sale, placed, page)
    return StoredSale(sale, placed, customer=await customer_of(uow, sale, at=at))


async def known_customer(
    uow: UnitOfWork, order: Order, customer_token: str | None, *, at: datetime
) -> SaleCustomer:
    """The customer that an order uses again, which proves by its token whose it is; else one that is to be made."""
    if customer_token is None or order.another_organisation:
        return SaleCustomer()
    found = await uow.portal_links.known_customer(
        token_hash(customer_token),
        email_key(order.email),
        organisation=order.organisation,
        currency=order.currency,
        at=at,
    )
    return SaleCustomer(id=found, known=True) if found else SaleCustomer()


async def customer_of(uow: UnitOfWork, sale: Sale, *, at: datetime) -> SaleCustomer:
    """The customer for another page of a sale: the known one that it was begun with, else the one made for it."""
    begun = await begun_with(uow, sale)
    return begun if begun.known else await uow.customers.of_sale(sale.id, at=at)


async def begun_with(uow: UnitOfWork, sale: Sale) -> SaleCustomer:
    """The customer that was known before the sale, which is none that was made for it."""
    if sale.customer_id and not await uow.customers.made_for(sale.id):
        return SaleCustomer(id=sale.customer_id, known=True)
    return SaleCustomer()


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
