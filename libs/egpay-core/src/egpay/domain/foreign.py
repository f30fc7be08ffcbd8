"""Foreign events: what the account reports of other products, kept by id and judged again."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from egpay.domain.access import GRACE_DAYS
from egpay.domain.events import BillingEvent, CustomerDeleted, SubscriptionChanged
from egpay.domain.values import CustomerId, MessageId, ProductId

OTHER_INSTALLATION = "foreign: of another installation"
CONNECTED_ACCOUNT = "foreign: of a connected account"
UNKNOWN_SALE = "foreign: of a sale that our database does not know"
NO_SUBSCRIPTION = "foreign: no subscription of ours has this customer"
NOTHING_OF_OURS = "foreign: no mark, book or catalogue of ours knows it"
TRACED = ":traced"
"""Ends the id of an event that comes again with the provider's answer."""


class RefundEnds(StrEnum):
    """What follows for a subscription when all money of it, or of a renewal, is gone."""

    ASK = "ask"
    """A case: a person decides."""
    NOW = "now"
    """It is ended at once."""
    PERIOD_END = "period_end"
    """It is ended with the period that was paid."""


class PartRefund(StrEnum):
    """What follows for devices that have not left when a part of their money is refunded."""

    HOLD = "hold"
    """They wait, with a case: a person decides which of them leave."""
    SHIP = "ship"
    """All of them leave."""


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Installation: this one among those on the provider's account; drawn once, kept in the database.

    `since` is its first start; `adopts_since` is since when every subscription of the account is ours
    (`ADOPT_SUBSCRIPTIONS=all`), None while only the catalogue's are. `refund_ends_subscription` and
    `part_refund` are those settings, `access_grace_days` is ACCESS_GRACE_DAYS.
    """

    id: str
    since: datetime
    adopts_since: datetime | None = None
    refund_ends_subscription: RefundEnds = RefundEnds.ASK
    part_refund: PartRefund = PartRefund.HOLD
    access_grace_days: int = GRACE_DAYS


class KnownPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price or product id at the provider that our catalogue knows, since when, and which product it is."""

    id: str
    since: datetime
    product: ProductId | None = None


class ForeignEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Foreign event: set aside under the ids it names, until one of them turns out to be ours."""

    id: MessageId
    about: tuple[str, ...]
    reason: str
    event: BillingEvent


def objects_of(event: BillingEvent) -> tuple[str, ...]:
    """The provider's ids of the objects that an event names, except the customer, who makes nothing ours.

    Only the end of a customer is about the customer.
    """
    if isinstance(event, CustomerDeleted):
        return (event.customer_id,)
    fields = ("subscription_id", "invoice_id", "payment_intent_id")
    return tuple(name for field in fields if (name := _text(event, field)))


def customer_of(event: BillingEvent) -> CustomerId | None:
    """The customer of a subscription that an event reports: its end may have come before and be set aside."""
    return event.report.customer_id if isinstance(event, SubscriptionChanged) else None


def _text(event: BillingEvent, field: str) -> Any:
    return getattr(event, field, None)
