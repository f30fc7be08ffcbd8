"""Reactions: the one table of which pure function handles which event; one file each."""

from typing import TypeAlias, assert_never

from billing_worker.reactions.access_due import access_due
from billing_worker.reactions.checkout_completed import checkout_completed
from billing_worker.reactions.checkout_expired import checkout_expired
from billing_worker.reactions.checkout_payment_failed import checkout_payment_failed
from billing_worker.reactions.credit_note_reported import credit_note_reported
from billing_worker.reactions.customer_changed import customer_changed
from billing_worker.reactions.customer_deleted import customer_deleted
from billing_worker.reactions.dispute_reported import dispute_reported
from billing_worker.reactions.fraud_warning_reported import fraud_warning_reported
from billing_worker.reactions.invoice_closed import invoice_closed
from billing_worker.reactions.invoice_paid import invoice_paid
from billing_worker.reactions.invoice_payment_failed import invoice_payment_failed
from billing_worker.reactions.invoice_payment_linked import invoice_payment_linked
from billing_worker.reactions.operator_act import operator_act
from billing_worker.reactions.owner_identified import owner_identified
from billing_worker.reactions.owner_unknown import owner_unknown
from billing_worker.reactions.payment_action_required import payment_action_required
from billing_worker.reactions.payment_refunded import payment_refunded
from billing_worker.reactions.refund_refused import refund_refused
from billing_worker.reactions.refund_reported import refund_reported
from billing_worker.reactions.renewal_overdue import renewal_overdue
from billing_worker.reactions.review_reported import review_reported
from billing_worker.reactions.shipment_reported import shipment_reported
from billing_worker.reactions.subscription_changed import subscription_changed
from billing_worker.reactions.withdrawal_declared import withdrawal_declared
from billing_worker.rules.letters import announce_changes
from egpay.domain.books import Books
from egpay.domain.commands import AboutPayment
from egpay.domain.events import (
    AccessDue,
    ActBase,
    BillingEvent,
    CheckoutCompleted,
    CheckoutExpired,
    CheckoutPaymentFailed,
    CreditNoteReported,
    CustomerChanged,
    CustomerDeleted,
    DisputeClosed,
    DisputeOpened,
    DisputeReported,
    FraudWarningReported,
    InvoiceClosed,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoicePaymentLinked,
    OperatorAct,
    OwnerIdentified,
    OwnerUnknown,
    PaymentActionRequired,
    PaymentRefunded,
    RefundFailed,
    RefundRefused,
    RefundReported,
    RenewalOverdue,
    ReviewReported,
    ShipmentReported,
    SubscriptionChanged,
    WithdrawalDeclared,
)

MoneyEvent: TypeAlias = AboutPayment | RefundRefused | CreditNoteReported
"""Money that went back, may go back, or is doubted."""


def react(event: BillingEvent, books: Books) -> Books:
    """Return the books after this event, with the letters about what changed in them.

    Raises Defect when the rules have no answer to it.
    """
    return announce_changes(books, _react(event, books), event)


def _react(event: BillingEvent, books: Books) -> Books:  # noqa: C901, PLR0911, PLR0912 - one line for each event
    """The frequent ones come first."""
    match event:
        case SubscriptionChanged():
            return subscription_changed(event, books)
        case InvoicePaid():
            return invoice_paid(event, books)
        case CheckoutCompleted():
            return checkout_completed(event, books)
        case CheckoutExpired():
            return checkout_expired(event, books)
        case CheckoutPaymentFailed():
            return checkout_payment_failed(event, books)
        case InvoicePaymentFailed():
            return invoice_payment_failed(event, books)
        case InvoicePaymentLinked():
            return invoice_payment_linked(event, books)
        case InvoiceClosed():
            return invoice_closed(event, books)
        case PaymentActionRequired():
            return payment_action_required(event, books)
        case ShipmentReported():
            return shipment_reported(event, books)
        case OwnerIdentified():
            return owner_identified(event, books)
        case OwnerUnknown():
            return owner_unknown(event, books)
        case CustomerChanged():
            return customer_changed(event, books)
        case _:
            return _react_about_access(event, books)


def _react_about_access(
    event: CustomerDeleted | RenewalOverdue | AccessDue | WithdrawalDeclared | OperatorAct | MoneyEvent,
    books: Books,
) -> Books:
    match event:
        case CustomerDeleted():
            return customer_deleted(event, books)
        case RenewalOverdue():
            return renewal_overdue(event, books)
        case AccessDue():
            return access_due(event, books)
        case WithdrawalDeclared():
            return withdrawal_declared(event, books)
        case ActBase():
            return operator_act(event, books)
        case _:
            return _react_to_money(event, books)


def _react_to_money(event: MoneyEvent, books: Books) -> Books:  # noqa: C901, PLR0911 - one line for each event
    match event:
        case PaymentRefunded():
            return payment_refunded(event, books)
        case RefundReported():
            return refund_reported(event, books)
        case RefundRefused():
            return refund_refused(event, books)
        case DisputeReported():
            return dispute_reported(event, books)
        case FraudWarningReported():
            return fraud_warning_reported(event, books)
        case ReviewReported():
            return review_reported(event, books)
        case CreditNoteReported():
            return credit_note_reported(event, books)
        case RefundFailed() | DisputeOpened() | DisputeClosed():
            return _react(event.as_reported(), books)
        case _:
            assert_never(event)
