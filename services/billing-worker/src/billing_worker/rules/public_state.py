"""Public state: tells the product of every object whose public facts an event changed, under its next version.

Facts and not moves: whatever the order of the events, the newest version says what the books say. How many versions
led to it may differ.
"""

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


def publish_public_changes(books: Books, cause: EventBase) -> Books:
    """Compare the records before and after an event, and announce each difference that the product is told of."""
    for step in (_organisations, _subscriptions, _sales, _shipments):
        books = step(books, cause)
    return books


def _organisations(books: Books, cause: EventBase) -> Books:
    for key, after in books.written.accounts.items():
        before = books.loaded.accounts.get(key)
        if before is not None and _account_facts(before) == _account_facts(after):
            continue
        version = after.organisation.public_version + 1
        kind = OrganisationChanged if before else OrganisationOpened
        news = kind(
            **_header(PublicObject.ORGANISATION, key, version, cause),
            organisation_id=key,
            user_id=after.admin.id,
        )
        counted = msgspec.structs.replace(after.organisation, public_version=version)
        books = _told(books.with_account(msgspec.structs.replace(after, organisation=counted)), news)
    return books


def _account_facts(account: Account) -> tuple[Any, ...]:
    admin = account.admin
    return account.organisation.name, admin.id, admin.email, admin.name, admin.role


def _subscriptions(books: Books, cause: EventBase) -> Books:
    """A renewal changes none of the facts, and is not told: the period goes on."""
    for key, after in books.written.subscriptions.items():
        before = books.loaded.subscriptions.get(key)
        if after.organisation_id is None or (before and _held_facts(before) == _held_facts(after)):
            continue
        version = after.public_version + 1
        news = PublicSubscriptionChanged(
            **_header(PublicObject.SUBSCRIPTION, key, version, cause),
            sale_id=after.sale_id,
            organisation_id=after.organisation_id,
            subscription_id=key,
            status=after.status,
            seats=after.quantity,
            plan=after.plan,
            cancel_at=after.cancel_at,
            collection_paused=after.collection_paused,
        )
        books = _told(books.with_subscription(msgspec.structs.replace(after, public_version=version)), news)
    return books


def _held_facts(one: Subscription) -> tuple[Any, ...]:
    return one.organisation_id, one.status, one.quantity, one.plan, one.cancel_at, one.collection_paused


def _sales(books: Books, cause: EventBase) -> Books:
    """Told from its payment on; an event may write the payment and leave the sale as it is."""
    names = dict.fromkeys((*books.written.sales, *map(SaleId, books.written.payments)))
    for key in names:
        after, before = books.sale(key), books.loaded.sales.get(key)
        if after is None or not after.paid:
            continue
        payment = books.payment(key)
        if before and _money_facts(before, books.loaded.payments.get(key)) == _money_facts(after, payment):
            continue
        version = after.public_version + 1
        header = _header(PublicObject.SALE, key, version, cause)
        gone = payment.gone if payment else 0
        news: PublicEvent = SalePaid(**header, sale_id=key)
        if gone or after.refunded:
            news = SaleRefunded(
                **header, sale_id=key, gone=gone, currency=after.currency, in_full=after.refunded
            )
        books = _told(books.with_sale(msgspec.structs.replace(after, public_version=version)), news)
    return books


def _money_facts(sale: Sale, payment: Payment | None) -> tuple[Any, ...]:
    return sale.paid, sale.refunded, payment.gone if payment else 0


def _shipments(books: Books, cause: EventBase) -> Books:
    for key, after in books.written.shipments.items():
        before = books.loaded.shipments.get(key)
        if before is not None and _parcel_facts(before) == _parcel_facts(after):
            continue
        version = after.public_version + 1
        news = ShipmentChanged(
            **_header(PublicObject.SHIPMENT, key, version, cause), sale_id=key, status=after.status
        )
        books = _told(books.with_shipment(msgspec.structs.replace(after, public_version=version)), news)
    return books


def _parcel_facts(one: Shipment) -> tuple[Any, ...]:
    return one.status, one.carrier, one.tracking_number, one.tracking_url, len(one.all_parcels)


def _header(kind: PublicObject, name: str, version: int, cause: EventBase) -> dict[str, Any]:
    return {
        "id": public_id(kind.of(name), version),
        "occurred_at": cause.occurred_at,
        "source": cause.source,
        "version": version,
    }


def _told(books: Books, news: PublicEvent) -> Books:
    return msgspec.structs.replace(books, public_events=(*books.public_events, news))
