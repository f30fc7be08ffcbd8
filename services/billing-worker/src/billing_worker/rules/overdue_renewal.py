"""Overdue renewal: since when a subscription owes, by the provider's dates, the same in every order of events."""

from billing_worker.rules.subscription_link import unreported_subscription
from egpay.domain.books import Books
from egpay.domain.commands import FindOverdueRenewal
from egpay.domain.events import EventBase, InvoiceClosed, InvoicePaid, InvoicePaymentFailed, RenewalOverdue
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId


def record_unpaid_renewal(books: Books, event: InvoicePaymentFailed | RenewalOverdue) -> Books:
    """Add that a renewal is owed, unless its invoice was settled or closed, which may have been reported before."""
    payment = books.payment(event.invoice_id)
    if event.subscription_id is None or event.owed_since is None or (payment and payment.paid_at):
        return books
    known = books.subscription(event.subscription_id)
    if known is None:
        known = unreported_subscription(event.subscription_id, sale_id=event.sale_id)
    after = known.owing(event.invoice_id, event.owed_since)
    return books if after == known else books.with_subscription(after)


def record_renewal_owed_no_more(books: Books, event: InvoicePaid | InvoiceClosed) -> Books:
    """Add that a renewal is owed no more.

    Its payment says so where there is one; else the subscription keeps it, also one that is not reported yet, so that a
    late failure changes nothing.
    """
    known = books.subscription(event.subscription_id)
    has_payment = isinstance(event, InvoicePaid) and event.amount > 0
    if known is None and event.subscription_id and not (has_payment or event.initial):
        known = unreported_subscription(event.subscription_id, sale_id=event.sale_id)
    if known is None:
        return books
    after = known
    if not has_payment or event.invoice_id in known.renewals:
        after = known.owing_no_more(event.invoice_id)
    books = books if after == known else books.with_subscription(after)
    return _find(books, after, event, f"overdue:{after.id}:{event.invoice_id}") if after.may_owe else books


def find_overdue_renewal(
    books: Books, before: Subscription | None, after: Subscription, cause: EventBase
) -> Books:
    """Ask since when a subscription owes, when it falls overdue and no event has said it yet."""
    fell = after.may_owe and (before is None or before.status is not after.status)
    return _find(books, after, cause, f"overdue:{after.id}:{cause.id}") if fell else books


def _find(books: Books, subscription: Subscription, cause: EventBase, key: str) -> Books:
    """Ask unless it is known: also after one renewal was settled, because a later one may be owed still."""
    if subscription.overdue_since is not None:
        return books
    return books.with_commands(
        FindOverdueRenewal(
            id=MessageId(key),
            occurred_at=cause.occurred_at,
            source=cause.source,
            sale_id=subscription.sale_id,
            subscription_id=subscription.id,
        )
    )
