"""Test data builders: orders, sales and events, complete by default; a test sets what it is about.

All moments are counted in seconds from NOON, so that "an hour later" reads `at=3600`.
"""

from egpay.testing.builders.happenings import (
    checkout_completed,
    invoice_paid,
    payment_refunded,
    receipt,
    shipment_reported,
    subscription_changed,
)
from egpay.testing.builders.records import (
    MONITORING,
    NOON,
    SENSOR,
    account,
    moment,
    order,
    sale,
    subscription,
)

__all__ = [
    "MONITORING",
    "NOON",
    "SENSOR",
    "account",
    "checkout_completed",
    "invoice_paid",
    "moment",
    "order",
    "payment_refunded",
    "receipt",
    "sale",
    "shipment_reported",
    "subscription",
    "subscription_changed",
]
