"""Subscription translation: status, seats and end dates.

docs.stripe.com/api/subscriptions/object
"""

from datetime import datetime
from typing import Annotated

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader, Timestamp, moment
from egpay.adapters.stripe.inbound.translated import (
    Expanded,
    Listed,
    Metadata,
    NotUnderstood,
    Translated,
    decode_if_raw,
    marked_installation,
    marked_sale_id,
    object_id,
    ref,
    referred_id,
    required,
)
from egpay.domain.events import SubscriptionChanged
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, SubscriptionId, is_id

Quantity = Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]

_STATUS = {status.value: status for status in SubscriptionStatus}


class PriceMark(Metadata, frozen=True):
    """Metadata of a price of our catalogue; the product's metadata is in no event."""

    egpay_product: str | None = None


class PriceView(msgspec.Struct, frozen=True):
    """A price, whose metadata names the product of our catalogue (docs.stripe.com/api/prices/object)."""

    id: str | None = None
    product: str | Expanded[str] | None = None
    metadata: PriceMark | None = None


class SubscriptionItemView(msgspec.Struct, frozen=True):
    """One price within a subscription; a metered one has no quantity."""

    quantity: Quantity | None = None
    current_period_end: Timestamp | None = None
    price: PriceView | None = None


class SubscriptionView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a subscription that decide on access.

    Without a `sale_id` it was made by hand in the dashboard, and is mirrored all the same."""

    id: SubscriptionId
    metadata: Metadata | None = None
    status: str | None = None
    customer: CustomerId | Expanded[CustomerId] | None = None
    items: Listed[SubscriptionItemView] | None = None
    current_period_end: Timestamp | None = None
    cancel_at: Timestamp | None = None
    cancel_at_period_end: bool | None = None
    created: Timestamp | None = None
    collection_method: str | None = None

    def standing(self) -> SubscriptionStatus:
        """Its status, one of the eight; raises NotUnderstood."""
        status = _STATUS.get(required(self.status, "status"))
        if status is None:
            raise NotUnderstood("status is none of the eight we know")
        return status

    def seats(self) -> int:
        """Seats: the quantity of the first item; the other items are extras of it."""
        items = required(self.items, "items").data
        if not items:
            raise NotUnderstood("items.data is empty")
        return 1 if items[0].quantity is None else items[0].quantity

    def prices(self) -> tuple[str, ...]:
        """The ids of its prices and of their products, as the catalogue knows them."""
        named = (
            name
            for item in (self.items.data if self.items else ())
            if item.price
            for name in (item.price.id, ref(item.price.product))
        )
        return tuple(name for name in named if name and is_id(name))

    def installation(self) -> str | None:
        """The installation whose mark it bears itself, else that of a product of a catalogue."""
        items = self.items.data if self.items else ()
        marks = (item.price.metadata for item in items if item.price and item.price.metadata)
        return marked_installation(self.metadata, *(mark for mark in marks if mark.egpay_product))

    def period_end(self) -> int | None:
        """Period end: since 2025-03-31.basil the last of its items; before, a field of the subscription."""
        ends = [
            item.current_period_end for item in required(self.items, "items").data if item.current_period_end
        ]
        return max(ends) if ends else self.current_period_end

    def ends_at(self) -> int | None:
        """When it ends: flexible billing sets only `cancel_at`; before, it ended with its period."""
        return self.cancel_at or (self.period_end() if self.cancel_at_period_end else None)


_decode = msgspec.json.Decoder(SubscriptionView).decode


def changed(header: EventHeader, raw: msgspec.Raw | SubscriptionView) -> Translated:
    """Translate a subscription that was created, changed, paused or resumed."""
    subscription = decode_if_raw(raw, _decode)
    return Translated(report(header, subscription, subscription.standing()))


def ended(header: EventHeader, raw: msgspec.Raw | SubscriptionView) -> Translated:
    """Translate a deleted subscription: canceled for good, whatever its rendered status says."""
    return Translated(report(header, decode_if_raw(raw, _decode), SubscriptionStatus.CANCELED))


def report(
    header: EventHeader, subscription: SubscriptionView, status: SubscriptionStatus
) -> SubscriptionChanged:
    """Its state as our event, from a webhook or from our request; raises NotUnderstood."""
    return SubscriptionChanged(
        **header,
        sale_id=marked_sale_id(subscription.metadata),
        installation=subscription.installation(),
        prices=subscription.prices(),
        created_at=_moment(subscription.created),
        by_invoice=subscription.collection_method == "send_invoice",
        subscription_id=object_id(subscription.id, "id"),
        report=SubscriptionReport(
            status=status,
            quantity=subscription.seats(),
            customer_id=referred_id(subscription.customer, "customer"),
            current_period_end=_moment(subscription.period_end()),
            cancel_at=_moment(subscription.ends_at()),
        ),
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
