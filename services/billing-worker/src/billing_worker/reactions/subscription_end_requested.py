"""Subscription end requested: an operator ends a subscription at the provider, at once or with its period."""

from billing_worker.rules.acts import record_act
from egpay.domain.acts import ImpossibleAct, key_of
from egpay.domain.books import Books
from egpay.domain.commands import EndSubscription
from egpay.domain.events import SubscriptionEndRequested
from egpay.domain.values import MessageId


def subscription_end_requested(event: SubscriptionEndRequested, books: Books) -> Books:
    """Ask the provider to end it; its own report then says that it ends, and access, letters and cases follow that."""
    subscription = books.subscription(event.subscription_id)
    if subscription is None:
        raise ImpossibleAct(f"there is no subscription {event.subscription_id} of ours")
    if subscription.ended:
        raise ImpossibleAct(f"subscription {subscription.id} has ended: it is {subscription.status.value}")
    if event.at_period_end and subscription.cancel_at is not None:
        raise ImpossibleAct(
            f"subscription {subscription.id} ends at {subscription.cancel_at:%Y-%m-%d %H:%M} UTC already;"
            " --now ends it at once"
        )
    how = "with its period" if event.at_period_end else "at once"
    books = record_act(
        books, event, "subscription.end_requested", f"subscription {subscription.id} to end {how}"
    )
    return books.with_commands(
        EndSubscription(
            id=MessageId(f"end:{subscription.id}:{key_of(event)}"),
            occurred_at=event.occurred_at,
            source=event.source,
            sale_id=subscription.sale_id,
            subscription_id=subscription.id,
            at_period_end=event.at_period_end,
            act=key_of(event),
        )
    )
