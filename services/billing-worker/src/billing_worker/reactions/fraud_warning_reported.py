"""Fraud warning reported: the card's issuer expects a dispute; devices wait until a person decides."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import FraudWarningReported
from egpay.domain.risk import FraudWarning


def fraud_warning_reported(event: FraudWarningReported, books: Books) -> Books:
    """Add the warning to its payment."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    warning = FraudWarning(actionable=event.actionable, reported_at=event.occurred_at)
    after = payment.warned_of_fraud(event.warning_id, warning)
    if event.warning_id not in payment.warnings:
        what = f"the card's issuer warns of fraud ({event.warning_id})"
        about = after.sale_id or after.id
        books = add_entry(books, event, "payment.warned", what, about=about, sale_id=after.sale_id)
    return sync_money(books, payment, after, event)
