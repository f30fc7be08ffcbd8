"""In-memory letter facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from egpay.domain.payment import Payment
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import EmailKey, SubscriptionId
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryLetterFacts:
    """Port `LetterFacts` over tables in memory."""

    tables: Tables

    async def payment(self, payment_id: str) -> Payment | None:
        """Look up the payment."""
        return self.tables.payments.get(payment_id)

    async def subscription(self, subscription: SubscriptionId) -> Subscription | None:
        """Look up the subscription."""
        return self.tables.subscriptions.get(subscription)

    async def locale(self, key: EmailKey) -> str | None:
        """The newest sale's that has one."""
        named = [
            (sale.created_at, order.locale)
            for sale_id, sale in self.tables.sales.items()
            if sale.email_key == key and (order := self.tables.orders.get(sale_id)) and order.locale
        ]
        return max(named, key=lambda one: one[0])[1] if named else None

    async def trials_ending(self, *, after: datetime, before: datetime, most: int) -> Sequence[Subscription]:
        """The trials, sorted."""
        ending = [
            (one.current_period_end, one.id, one)
            for one in self.tables.subscriptions.values()
            if one.status is SubscriptionStatus.TRIALING and one.welcomed
            if one.cancel_at is None and not one.collection_paused
            if one.current_period_end and after < one.current_period_end <= before
        ]
        return [one for _, _, one in sorted(ending, key=lambda each: each[:2])][:most]
