"""Refunded subscription: a case, or an end, while one whose money is gone would charge again."""

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind, case_id
from egpay.domain.commands import EndSubscription
from egpay.domain.events import EventBase
from egpay.domain.foreign import RefundEnds
from egpay.domain.payment import Payment
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId, SubscriptionId


def sync_refunded_subscription(books: Books, name: SubscriptionId | None, cause: EventBase) -> Books:
    """Ask after every change of a subscription or its money whether money of it is gone in full and it runs on.

    `REFUND_ENDS_SUBSCRIPTION` says what follows: a person is asked, or it is ended, so that no one who got the money
    back is charged again without a person knowing.
    """
    subscription = books.subscription(name)
    if subscription is None:
        return books
    gone = _gone(books, subscription.id)
    if not gone and books.case(case_id(CaseKind.REFUNDED_BUT_RUNNING, subscription.id)) is None:
        return books
    stands = bool(gone) and subscription.charges_again
    how = books.installation.refund_ends_subscription if books.installation else RefundEnds.ASK
    case = _case(subscription, gone, cause)
    if how is RefundEnds.ASK:
        return sync_case(books, case, stands=stands, cause=cause)
    books = sync_case(books, case, stands=False, cause=cause)
    if not stands:
        return books
    return books.with_commands(*(_end(subscription, one, how, cause) for one in gone))


def _gone(books: Books, subscription: SubscriptionId) -> list[Payment]:
    """Its payments of which nothing is left: they are loaded with it, of its order and of renewals."""
    written, loaded = books.written.payments, books.loaded.payments
    gone = [one for one in loaded.values() if one.gone_in_full and one.id not in written]
    gone += [one for one in written.values() if one.gone_in_full]
    return [one for one in gone if one.subscription_id == subscription]


def _case(subscription: Subscription, gone: list[Payment], cause: EventBase) -> Case:
    payments = tuple(sorted(one.id for one in gone))
    return state_case(
        CaseKind.REFUNDED_BUT_RUNNING,
        subscription.id,
        subject=subscription.id,
        what=f"the money of {' and '.join(payments)} is gone, and subscription {subscription.id} would charge again",
        opened_at=cause.occurred_at,
        sale_id=subscription.sale_id,
        weight=sum(one.gone for one in gone),
        about=payments,
    )


def _end(subscription: Subscription, payment: Payment, how: RefundEnds, cause: EventBase) -> EndSubscription:
    """Once for each payment: an end that a person takes back stays taken back, until more money goes."""
    return EndSubscription(
        id=MessageId(f"end:{subscription.id}:{payment.id}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=subscription.sale_id,
        subscription_id=subscription.id,
        at_period_end=how is RefundEnds.PERIOD_END,
    )
