"""Event objects: events, the endpoints they go to, and scheduled jobs."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.billing import Invoice, InvoiceItem, InvoicePayment
from egpay_sandbox.stripe.objects.catalogue import Price, Product
from egpay_sandbox.stripe.objects.checkout import CheckoutSession, PortalSession
from egpay_sandbox.stripe.objects.coupon import Coupon, Discount, PromotionCode
from egpay_sandbox.stripe.objects.credit_note import CreditNote, CustomerBalanceTransaction
from egpay_sandbox.stripe.objects.customer import Customer, Metadata
from egpay_sandbox.stripe.objects.dispute import Dispute
from egpay_sandbox.stripe.objects.payments import Charge, PaymentIntent, PaymentMethod
from egpay_sandbox.stripe.objects.portal import PortalConfiguration
from egpay_sandbox.stripe.objects.refund import Refund
from egpay_sandbox.stripe.objects.risk import EarlyFraudWarning, Review
from egpay_sandbox.stripe.objects.subscription import Subscription

StoredObject = (
    Charge
    | CheckoutSession
    | Coupon
    | CreditNote
    | Customer
    | CustomerBalanceTransaction
    | Discount
    | Dispute
    | EarlyFraudWarning
    | Invoice
    | InvoiceItem
    | InvoicePayment
    | PaymentIntent
    | PaymentMethod
    | PortalConfiguration
    | PortalSession
    | Price
    | Product
    | PromotionCode
    | Refund
    | Review
    | Subscription
)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """API call that caused an event; both are null without one."""

    request: str | None = None
    idempotency_key: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, rename={"stored_object": "thing"}):
    """An event with its object as it was then (and before); rendering decides its wording."""

    id: str
    created: int
    type: str
    stored_object: StoredObject
    before: StoredObject | None = None
    cause: Cause = Cause()


class SigningSecret(msgspec.Struct, frozen=True, kw_only=True):
    """Signing secret; a rolled one stays valid until `until` (Unix seconds)."""

    value: str
    until: int | None = None


class WebhookEndpoint(msgspec.Struct, frozen=True, kw_only=True, tag="webhook_endpoint", tag_field="object"):
    """Destination of events, with their API version and the secrets that sign them (newest first)."""

    id: str
    created: int
    url: str
    secrets: list[SigningSecret]
    enabled_events: list[str]
    api_version: str | None = None
    description: str | None = None
    metadata: Metadata = {}
    disabled: bool = False

    def subscribes_to(self, event_type: str) -> bool:
        """Whether this endpoint subscribes to such events."""
        return not self.disabled and ("*" in self.enabled_events or event_type in self.enabled_events)


ScheduledJobKind = Literal[
    "expire_session",
    "tell_charge_updated",
    "tell_invoice_payment",
    "tell_refund_updated",
    "end_subscription",
    "warn_trial_end",
    "resume_collection",
    "invoice_overdue",
    "debit_succeeds",
    "debit_fails",
]


class ScheduledJob(msgspec.Struct, frozen=True, kw_only=True):
    """Job that runs by itself at `due` (Unix seconds of Stripe's time, with fractions)."""

    id: str
    due: float
    kind: ScheduledJobKind
    subject: str
