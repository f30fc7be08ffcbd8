"""Events: facts that Stripe, Xero or the warehouse reported, in our words and in past tense.

Every event carries ids only; names, addresses and e-mails stay in the database. On NATS it is JSON, its tag `type`.
"""

from typing import TypeAlias

from egpay.domain.events.checkout import CheckoutCompleted, CheckoutExpired, CheckoutPaymentFailed
from egpay.domain.events.event import EventBase, Source
from egpay.domain.events.invoices import InvoiceClosed, InvoicePaid, InvoicePaymentFailed
from egpay.domain.events.payments import (
    DisputeClosed,
    DisputeOpened,
    PaymentEvent,
    PaymentRefunded,
    RefundFailed,
)
from egpay.domain.events.shipments import ShipmentReported
from egpay.domain.events.subscriptions import (
    AccessDue,
    CustomerChanged,
    CustomerDeleted,
    OwnerIdentified,
    OwnerUnknown,
    RenewalOverdue,
    SubscriptionChanged,
)

__all__ = [
    "AccessDue",
    "BillingEvent",
    "CheckoutCompleted",
    "CheckoutExpired",
    "CheckoutPaymentFailed",
    "CustomerChanged",
    "CustomerDeleted",
    "DisputeClosed",
    "DisputeOpened",
    "EventBase",
    "InvoiceClosed",
    "InvoicePaid",
    "InvoicePaymentFailed",
    "OwnerIdentified",
    "OwnerUnknown",
    "PaymentEvent",
    "PaymentRefunded",
    "RefundFailed",
    "RenewalOverdue",
    "ShipmentReported",
    "Source",
    "SubscriptionChanged",
]

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
    | OwnerUnknown
    | CustomerChanged
    | CustomerDeleted
    | RenewalOverdue
    | AccessDue
    | InvoiceClosed
)
"""The closed set: one reaction each, in billing_worker/reactions."""
