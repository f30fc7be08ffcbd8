"""Reactions: the one table of which pure function handles which event; one file each."""

from typing import assert_never

from billing_worker.reactions.access_due import access_due
from billing_worker.reactions.checkout_completed import checkout_completed
from billing_worker.reactions.checkout_expired import checkout_expired
from billing_worker.reactions.checkout_payment_failed import checkout_payment_failed
from billing_worker.reactions.customer_changed import customer_changed
from billing_worker.reactions.customer_deleted import customer_deleted
from billing_worker.reactions.dispute_closed import dispute_closed
from billing_worker.reactions.dispute_opened import dispute_opened
from billing_worker.reactions.invoice_closed import invoice_closed
from billing_worker.reactions.invoice_paid import invoice_paid
from billing_worker.reactions.invoice_payment_failed import invoice_payment_failed
from billing_worker.reactions.owner_identified import owner_identified
from billing_worker.reactions.owner_unknown import owner_unknown
from billing_worker.reactions.payment_refunded import payment_refunded
from billing_worker.reactions.refund_failed import refund_failed
from billing_worker.reactions.renewal_overdue import renewal_overdue
from billing_worker.reactions.shipment_reported import shipment_reported
from billing_worker.reactions.subscription_changed import subscription_changed
from egpay.domain.books import Books
from egpay.domain.events import (
    AccessDue,
    BillingEvent,
    CheckoutCompleted,
    CheckoutExpired,
    CheckoutPaymentFailed,
    CustomerChanged,
    CustomerDeleted,
    DisputeClosed,
    DisputeOpened,
    InvoiceClosed,
    InvoicePaid,
    InvoicePaymentFailed,
    OwnerIdentified,
    OwnerUnknown,
    PaymentRefunded,
    RefundFailed,
    RenewalOverdue,
    ShipmentReported,
    SubscriptionChanged,
)


def react(event: BillingEvent, books: Books) -> Books:  # noqa: C901, PLR0911, PLR0912 - one line for each event
    """Return the books after this event. Raises Defect when the rules have no answer to it."""
    match event:
        case CheckoutCompleted():
            return checkout_completed(event, books)
        case CheckoutExpired():
            return checkout_expired(event, books)
        case CheckoutPaymentFailed():
            return checkout_payment_failed(event, books)
        case SubscriptionChanged():
            return subscription_changed(event, books)
        case InvoicePaid():
            return invoice_paid(event, books)
        case InvoicePaymentFailed():
            return invoice_payment_failed(event, books)
        case PaymentRefunded():
            return payment_refunded(event, books)
        case RefundFailed():
            return refund_failed(event, books)
        case DisputeOpened():
            return dispute_opened(event, books)
        case DisputeClosed():
            return dispute_closed(event, books)
        case ShipmentReported():
            return shipment_reported(event, books)
        case OwnerIdentified():
            return owner_identified(event, books)
        case OwnerUnknown():
            return owner_unknown(event, books)
        case CustomerChanged():
            return customer_changed(event, books)
        case CustomerDeleted() | RenewalOverdue() | AccessDue() | InvoiceClosed():
            return _react_about_access(event, books)
        case _:
            assert_never(event)


def _react_about_access(
    event: CustomerDeleted | RenewalOverdue | AccessDue | InvoiceClosed, books: Books
) -> Books:
    match event:
        case CustomerDeleted():
            return customer_deleted(event, books)
        case RenewalOverdue():
            return renewal_overdue(event, books)
        case AccessDue():
            return access_due(event, books)
        case InvoiceClosed():
            return invoice_closed(event, books)
        case _:
            assert_never(event)
