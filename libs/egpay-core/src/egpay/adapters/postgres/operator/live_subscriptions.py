"""Subscriptions that an operator may mean by an id, an organisation or an e-mail."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.operator.introductions import PostgresIntroductions
from egpay.domain.subscription import LIVE
from egpay.domain.values import SaleId, SubscriptionId

_FOUND = text("""
    SELECT id, sale_id, status FROM subscriptions
    WHERE id = :who OR (organisation_id = ANY(:organisations) AND status = ANY(:live))
    ORDER BY id
""")


class NamedSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """Named subscription: its id and status, and the sale that began it."""

    id: SubscriptionId
    status: str
    sale_id: SaleId | None = None


async def named_subscriptions(engine: AsyncEngine, who: str) -> Sequence[NamedSubscription]:
    """Load the subscription of that id, or the live ones of the organisations of that id, name, admin or e-mail."""
    name = sanitize_text(who.strip())
    with mapped_errors():
        async with engine.connect() as connection:
            organisations = await PostgresIntroductions(connection).named(name)
            given = {
                "who": name,
                "organisations": list(organisations),
                "live": sorted(status.value for status in LIVE),
            }
            found = (await connection.execute(_FOUND, given)).mappings()
            return [NamedSubscription(**one) for one in found]
