"""Events: facts that Stripe, Xero or the warehouse reported, in our words and in past tense.

Every event carries ids only; names, addresses and e-mails stay in the database. On NATS it is JSON, its tag `type`.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self, TypeAlias

import msgspec

from egpay.domain.shipment import Progress
from egpay.domain.subscription import SubscriptionReport
from egpay.domain.values import (
    CustomerId,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    SaleId,
    SessionId,
    SubscriptionId,
)


class Source(StrEnum):
    """Source of an event or a command: the provider that reported it, our reconciliation, or a storefront."""

    STRIPE = "stripe"
    XERO = "xero"
    WAREHOUSE = "warehouse"
    RECONCILE = "reconcile"
    STOREFRONT = "storefront"


class EventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events: `id` is the provider's own event id.

    `occurred_at` is UTC, in the provider's resolution (Stripe: whole seconds). `installation` is the one whose mark
    the provider's object bears. `v` is the version of the message's shape, `VERSION` the highest that this release
    reads and the one it writes. A new optional field whose default is what older code did keeps it; every other
    change raises `VERSION`.
    """

    VERSION: ClassVar[int] = 1

    id: MessageId
    occurred_at: datetime
    source: Source
    sale_id: SaleId | None = None
    installation: str | None = None
    v: int = 1

    @property
    def is_newer(self) -> bool:
        """Whether a later release wrote it, so that our rules could misread it."""
        return self.v > self.VERSION

    def stamped(self) -> Self:
        """The message for the wire, with the version of its shape."""
        return self if self.v == self.VERSION else msgspec.structs.replace(self, v=self.VERSION)


class CheckoutCompleted(EventBase, frozen=True, kw_only=True, tag="checkout_completed"):
    """A buyer completed Checkout.

    `paid` is false while a delayed method is pending; the same event comes again with `paid` true when the
    money has arrived.
    """

    session_id: SessionId
    paid: bool
    amount: int
    currency: str
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None


class CheckoutExpired(EventBase, frozen=True, kw_only=True, tag="checkout_expired"):
    """A Checkout session expired unpaid."""

    session_id: SessionId


class CheckoutPaymentFailed(EventBase, frozen=True, kw_only=True, tag="checkout_payment_failed"):
    """A delayed payment of a Checkout session failed."""

    session_id: SessionId


class SubscriptionChanged(EventBase, frozen=True, kw_only=True, tag="subscription_changed"):
    """A subscription was created, changed or ended; `prices` are the ids of its prices and their products.

    `by_invoice`: a person made it to be paid by invoice.
    """

    subscription_id: SubscriptionId
    report: SubscriptionReport
    prices: tuple[str, ...] = ()
    created_at: datetime | None = None
    by_invoice: bool = False


class InvoicePaid(EventBase, frozen=True, kw_only=True, tag="invoice_paid"):
    """An invoice was settled, by card or out of band.

    `initial` is true for the invoice of the order itself, and false for renewals; `amount` in minor units may
    be 0 (a trial).
    """

    invoice_id: InvoiceId
    amount: int
    currency: str
    initial: bool
    subscription_id: SubscriptionId | None = None
    customer_id: CustomerId | None = None
    payment_intent_id: PaymentIntentId | None = None


class InvoicePaymentFailed(EventBase, frozen=True, kw_only=True, tag="invoice_payment_failed"):
    """A try to collect an invoice failed; `attempt` counts from 1."""

    invoice_id: InvoiceId
    attempt: int
    initial: bool
    subscription_id: SubscriptionId | None = None


class PaymentEvent(EventBase, frozen=True, kw_only=True):
    """Base of the events that name a payment by its intent, and not always what it is of.

    `sale_id` is set only for the sale's own payment; a renewal is identified by its `invoice_id`. `traced`: the
    provider was asked what it belongs to, and `subscription_id` is of its answer.
    """

    payment_intent_id: PaymentIntentId
    invoice_id: InvoiceId | None = None
    subscription_id: SubscriptionId | None = None
    traced: bool = False


class PaymentRefunded(PaymentEvent, frozen=True, kw_only=True, tag="payment_refunded"):
    """A payment was refunded; `amount_refunded` is the total at that time, in minor units."""

    amount_refunded: int
    in_full: bool


class RefundFailed(PaymentEvent, frozen=True, kw_only=True, tag="refund_failed"):
    """A refund, `refund_id`, of a payment failed, for instance because the buyer's account is closed."""

    refund_id: str
    amount: int
    currency: str


class DisputeOpened(PaymentEvent, frozen=True, kw_only=True, tag="dispute_opened"):
    """The buyer's bank disputed a payment; `dispute_id` distinguishes several disputes of one payment."""

    dispute_id: str


class DisputeClosed(PaymentEvent, frozen=True, kw_only=True, tag="dispute_closed"):
    """The bank decided a dispute."""

    dispute_id: str
    won: bool


class ShipmentReported(EventBase, frozen=True, kw_only=True, tag="shipment_reported"):
    """The warehouse reported its progress with the devices of a sale."""

    progress: Progress
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


class OwnerIdentified(EventBase, frozen=True, kw_only=True, tag="owner_identified"):
    """The provider named the owner of a subscription that no sale began; the data stays in the database."""

    subscription_id: SubscriptionId


BillingEvent: TypeAlias = (
    CheckoutCompleted
    | CheckoutExpired
    | CheckoutPaymentFailed
    | SubscriptionChanged
    | InvoicePaid
    | InvoicePaymentFailed
    | PaymentRefunded
    | RefundFailed
    | DisputeOpened
    | DisputeClosed
    | ShipmentReported
    | OwnerIdentified
)
"""The closed set: one reaction each, in billing_worker/reactions."""
