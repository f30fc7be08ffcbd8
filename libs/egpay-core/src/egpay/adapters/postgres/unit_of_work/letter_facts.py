"""Letter facts: payments, subscriptions and languages as they are now."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.books import loading
from egpay.adapters.postgres.schema.tables import payments, sales, subscriptions
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.payment import Payment
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import EmailKey, SubscriptionId


class PostgresLetterFacts(msgspec.Struct, frozen=True):
    """Port `LetterFacts` over the tables of payments, subscriptions and sales."""

    connection: AsyncConnection

    async def payment(self, payment_id: str) -> Payment | None:
        """The payment's row."""
        names = loading.columns(Payment)
        query = select(*(payments.c[name] for name in names)).where(payments.c.id == payment_id)
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else msgspec.convert({name: found[name] for name in names}, Payment)

    async def subscription(self, subscription: SubscriptionId) -> Subscription | None:
        """The subscription's row."""
        query = select(*columns(subscriptions, Subscription)).where(subscriptions.c.id == subscription)
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, Subscription)

    async def locale(self, key: EmailKey) -> str | None:
        """The newest sale's that has one."""
        query = (
            select(sales.c.locale)
            .where(sales.c.email_key == key, sales.c.locale.is_not(None))
            .order_by(sales.c.created_at.desc(), sales.c.id)
            .limit(1)
        )
        locale: str | None = await self.connection.scalar(query)
        return locale

    async def trials_ending(self, *, after: datetime, before: datetime, most: int) -> Sequence[Subscription]:
        """By the partial index of trials."""
        ends = subscriptions.c.current_period_end
        query = (
            select(*columns(subscriptions, Subscription))
            .where(
                subscriptions.c.status == SubscriptionStatus.TRIALING,
                subscriptions.c.welcomed,
                subscriptions.c.cancel_at.is_(None),
                subscriptions.c.collection_paused.is_(False),
                ends > after,
                ends <= before,
            )
            .order_by(ends, subscriptions.c.id)
            .limit(most)
        )
        found = (await self.connection.execute(query)).mappings().all()
        return [value(one, Subscription) for one in found]
