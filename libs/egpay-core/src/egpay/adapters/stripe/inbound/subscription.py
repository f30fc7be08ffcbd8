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
from egpay.domain.subscription import ENDED, SubscriptionReport, SubscriptionStatus
from egpay.domain.subscription_item import SubscribedItem
from egpay.domain.values import CustomerId, ProductId, SubscriptionId, is_id

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

    def reported(self) -> SubscribedItem:
        """It in our words; text that is no id names nothing."""
        price = self.price or PriceView()
        mark = price.metadata or PriceMark()
        marked = _id(mark.egpay_product)
        return SubscribedItem(
            quantity=1 if self.quantity is None else self.quantity,
            price_id=_id(price.id),
            product_id=_id(ref(price.product)),
            marked_product=ProductId(marked) if marked else None,
            installation=_id(mark.egpay_installation),
        )


def _id(text: str | None) -> str | None:
    return text if text and is_id(text) else None


class PauseView(msgspec.Struct, frozen=True):
    """Pause of collection: its presence says that invoices are not collected."""

    behavior: str | None = None


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
    pause_collection: PauseView | None = None

    def standing(self) -> SubscriptionStatus:
        """Its status, one of the eight; raises NotUnderstood."""
        status = _STATUS.get(required(self.status, "status"))
        if status is None:
            raise NotUnderstood("status is none of the eight we know")
        return status

    def reported_items(self, *, may_lack: bool) -> tuple[SubscribedItem, ...]:
        """Its items; only an end may come without any."""
        items = (self.items.data if self.items else []) if may_lack else required(self.items, "items").data
        if not items and not may_lack:
            raise NotUnderstood("items.data is empty")
        return tuple(item.reported() for item in items)

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
        items = self.items.data if self.items else ()
        ends = [item.current_period_end for item in items if item.current_period_end]
        return max(ends) if ends else self.current_period_end

    def ends_at(self) -> int | None:
        """When it ends: flexible billing sets only `cancel_at`; before, it ended with its period."""
        return self.cancel_at or (self.period_end() if self.cancel_at_period_end else None)


class EndView(msgspec.Struct, frozen=True):
    """All that an end needs."""

    id: SubscriptionId


_decode = msgspec.json.Decoder(SubscriptionView).decode
_decode_end = msgspec.json.Decoder(EndView).decode


def changed(header: EventHeader, raw: msgspec.Raw | SubscriptionView) -> Translated:
    """Translate a subscription that was created, changed, paused or resumed."""
    subscription = decode_if_raw(raw, _decode)
    return Translated(report(header, subscription, subscription.standing()))


def ended(header: EventHeader, raw: msgspec.Raw | SubscriptionView) -> Translated:
    """Translate a deleted subscription: canceled for good, whatever else is rendered of it."""
    try:
        return Translated(report(header, decode_if_raw(raw, _decode), SubscriptionStatus.CANCELED))
    except (NotUnderstood, msgspec.ValidationError):
        name = _decode_end(raw).id if isinstance(raw, msgspec.Raw) else raw.id
        return Translated(report(header, SubscriptionView(id=name), SubscriptionStatus.CANCELED))


def report(
    header: EventHeader, subscription: SubscriptionView, status: SubscriptionStatus
) -> SubscriptionChanged:
    """Its state as our event, from a webhook or from our request; raises NotUnderstood."""
    items = subscription.reported_items(may_lack=status in ENDED)
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
            quantity=items[0].quantity if items else 1,
            customer_id=referred_id(subscription.customer, "customer"),
            current_period_end=_moment(subscription.period_end()),
            cancel_at=_moment(subscription.ends_at()),
            collection_paused=subscription.pause_collection is not None,
        ),
        items=items,
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
