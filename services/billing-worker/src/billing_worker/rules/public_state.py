"""Public state: tells the product of every object whose public facts an event changed, under its next version.

Facts and not moves: whatever the order of the events, the newest version says what the books say. How many versions
led to it may differ.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from egpay.domain.account import Account
from egpay.domain.books import Books
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.public_events import (
    OrganisationChanged,
    OrganisationOpened,
    PublicEvent,
    PublicObject,
    PublicSubscriptionChanged,
    SalePaid,
    SaleRefunded,
    ShipmentChanged,
    public_id,
)
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import SaleId

_replace = msgspec.structs.replace


def publish_public_changes(books: Books, cause: EventBase) -> Books:
    """Compare the records before and after an event, and announce each difference that the product is told of.

    Most events change none; what they wrote is copied only where one did, because every event passes here.
    """
    loaded, written = books.loaded, books.written
    news: list[PublicEvent] = []
    pages: dict[str, object] = {}
    for page, after, tell in (
        ("accounts", written.accounts, _account),
        ("subscriptions", written.subscriptions, _subscription),
        ("shipments", written.shipments, _shipment),
    ):
        if after:
            _compare(page, getattr(loaded, page), after, tell, cause, news, pages)
    if written.sales or written.payments:
        _compare_sales(books, cause, news, pages)
    if not news:
        return books
    told = (*books.public_events, *news)
    return _replace(books, written=_replace(written, **pages), public_events=told)


def _compare(
    page: str,
    before: Mapping[Any, Any],
    after: Mapping[Any, Any],
    tell: Callable[[Any, Any, EventBase], tuple[Any, PublicEvent] | None],
    cause: EventBase,
    news: list[PublicEvent],
    pages: dict[str, object],
) -> None:
    """Add the news of one kind of record, and the records with their next versions."""
    counted = None
    for key, one in after.items():
        if (found := tell(before.get(key), one, cause)) is not None:
            counted = counted or dict(after)
            counted[key] = found[0]
            news.append(found[1])
    if counted:
        pages[page] = counted


def _compare_sales(books: Books, cause: EventBase, news: list[PublicEvent], pages: dict[str, object]) -> None:
    """The same of sales, which are told from their payment on; an event may write the payment alone."""
    sales = books.written.sales
    counted = None
    for name in dict.fromkeys((*sales, *books.written.payments)):
        key = SaleId(name)
        sale = books.sale(key)
        if sale is not None and (found := _sale(books, key, sale, cause)) is not None:
            counted = counted or dict(sales)
            counted[key] = found[0]
            news.append(found[1])
    if counted:
        pages["sales"] = counted


def _account(before: Account | None, after: Account, cause: EventBase) -> tuple[Account, PublicEvent] | None:
    if before is not None and _account_facts(before) == _account_facts(after):
        return None
    organisation = after.organisation
    version = organisation.public_version + 1
    kind = OrganisationChanged if before else OrganisationOpened
    news = kind(
        **_header(PublicObject.ORGANISATION, organisation.id, version, cause),
        organisation_id=organisation.id,
        user_id=after.admin.id,
    )
    return _replace(after, organisation=_replace(organisation, public_version=version)), news


def _account_facts(account: Account) -> tuple[Any, ...]:
    """An admin who enters is told by the route that lets them in; what changes here is that one is evicted."""
    admin = account.admin
    return account.organisation.name, admin.id, admin.email, admin.name, admin.role, admin.status


def _subscription(
    before: Subscription | None, after: Subscription, cause: EventBase
) -> tuple[Subscription, PublicEvent] | None:
    """A renewal changes none of the facts, and is not told: the period goes on."""
    if after.organisation_id is None or (before and _held_facts(before) == _held_facts(after)):
        return None
    version = after.public_version + 1
    news = PublicSubscriptionChanged(
        **_header(PublicObject.SUBSCRIPTION, after.id, version, cause),
        sale_id=after.sale_id,
        organisation_id=after.organisation_id,
        subscription_id=after.id,
        status=after.status,
        seats=after.quantity,
        plan=after.plan,
        cancel_at=after.cancel_at,
        collection_paused=after.collection_paused,
    )
    return _replace(after, public_version=version), news


def _held_facts(one: Subscription) -> tuple[Any, ...]:
    return one.organisation_id, one.status, one.quantity, one.plan, one.cancel_at, one.collection_paused


def _sale(books: Books, key: SaleId, after: Sale, cause: EventBase) -> tuple[Sale, PublicEvent] | None:
    if after.paid_at is None:
        return None
    before, payment = books.loaded.sales.get(key), books.payment(key)
    if before and _money_facts(before, books.loaded.payments.get(key)) == _money_facts(after, payment):
        return None
    version = after.public_version + 1
    header = _header(PublicObject.SALE, key, version, cause)
    gone = payment.gone if payment else 0
    news: PublicEvent = SalePaid(**header, sale_id=key)
    if gone or after.refunded:
        news = SaleRefunded(**header, sale_id=key, gone=gone, currency=after.currency, in_full=after.refunded)
    return _replace(after, public_version=version), news


def _money_facts(sale: Sale, payment: Payment | None) -> tuple[Any, ...]:
    return sale.paid_at is not None, sale.refunded, payment.gone if payment else 0


def _shipment(
    before: Shipment | None, after: Shipment, cause: EventBase
) -> tuple[Shipment, PublicEvent] | None:
    if before is not None and _parcel_facts(before) == _parcel_facts(after):
        return None
    version = after.public_version + 1
    news = ShipmentChanged(
        **_header(PublicObject.SHIPMENT, after.sale_id, version, cause),
        sale_id=after.sale_id,
        status=after.status,
    )
    return _replace(after, public_version=version), news


def _parcel_facts(one: Shipment) -> tuple[Any, ...]:
    return one.status, one.carrier, one.tracking_number, one.tracking_url, len(one.parcels)


def _header(kind: PublicObject, name: str, version: int, cause: EventBase) -> dict[str, Any]:
    return {
        "id": public_id(kind.of(name), version),
        "occurred_at": cause.occurred_at,
        "source": cause.source,
        "version": version,
    }
