"""Objects of the account as frozen values, so that an event holds its object unchanged for ever."""

from egpay_sandbox.stripe.objects.billing import Invoice, InvoiceItem, InvoiceLine, InvoicePayment
from egpay_sandbox.stripe.objects.catalogue import Price, Product
from egpay_sandbox.stripe.objects.checkout import CheckoutSession, PortalSession, SessionLine
from egpay_sandbox.stripe.objects.coupon import Coupon, Discount, PromotionCode
from egpay_sandbox.stripe.objects.credit_note import CreditNote, CreditNoteLine, CustomerBalanceTransaction
from egpay_sandbox.stripe.objects.customer import Address, Customer, Shipping
from egpay_sandbox.stripe.objects.dispute import Dispute, DisputeTransaction
from egpay_sandbox.stripe.objects.events import (
    Cause,
    Event,
    ScheduledJob,
    ScheduledJobKind,
    SigningSecret,
    StoredObject,
    WebhookEndpoint,
)
from egpay_sandbox.stripe.objects.payments import Charge, PaymentIntent, PaymentMethod
from egpay_sandbox.stripe.objects.portal import PortalConfiguration
from egpay_sandbox.stripe.objects.refund import Refund
from egpay_sandbox.stripe.objects.risk import EarlyFraudWarning, Review
from egpay_sandbox.stripe.objects.subscription import Subscription, SubscriptionItem

__all__ = [
    "Address",
    "Cause",
    "Charge",
    "CheckoutSession",
    "Coupon",
    "CreditNote",
    "CreditNoteLine",
    "Customer",
    "CustomerBalanceTransaction",
    "Discount",
    "Dispute",
    "DisputeTransaction",
    "EarlyFraudWarning",
    "Event",
    "Invoice",
    "InvoiceItem",
    "InvoiceLine",
    "InvoicePayment",
    "PaymentIntent",
    "PaymentMethod",
    "PortalConfiguration",
    "PortalSession",
    "Price",
    "Product",
    "PromotionCode",
    "Refund",
    "Review",
    "ScheduledJob",
    "ScheduledJobKind",
    "SessionLine",
    "Shipping",
    "SigningSecret",
    "StoredObject",
    "Subscription",
    "SubscriptionItem",
    "WebhookEndpoint",
]
