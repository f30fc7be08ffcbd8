"""Sale listing: finds sales by status, age and whether what was paid for is delivered, and counts them."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.sale import SaleStatus


class ListedSale(msgspec.Struct, frozen=True, kw_only=True):
    """Sale in a list: ids, states and money; `lacks` says what was paid for and is not delivered."""

    id: str
    status: str
    total: int
    currency: str
    created_at: datetime
    paid_at: datetime | None
    shipment: str | None
    subscription: str | None
    lacks: str | None


class SaleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Sale filter; `since` bounds the time of the order, `unfulfilled` keeps those that lack something."""

    status: SaleStatus | None = None
    since: datetime | None = None
    unfulfilled: bool = False
    ids: Sequence[str] | None = None
    limit: int = 50


class StatusCount(msgspec.Struct, frozen=True, kw_only=True):
    """Sales of one status, or that lack one thing: how many, and the oldest of them."""

    name: str
    count: int
    oldest: datetime
    oldest_sale: str


class DayOfMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Payments that were settled on one day (UTC) in one currency; `back` and `lost` are of these payments."""

    day: date
    currency: str
    payments: int
    paid: int
    back: int
    lost: int


# What a paid sale lacks, as its money and its decisions stand: a cancelled parcel and a subscription that ended
# before its account opened are owed nothing. Whether an introduction left is asked of its command and not of the
# e-mails alone, because a shop may switch that letter off.
_LACKS = """
    CASE
        WHEN sales.status <> 'paid' THEN NULL
        WHEN device_quantity > 0 AND shipments.sale_id IS NULL THEN 'parcel not requested'
        WHEN shipments.status NOT IN ('shipped', 'delivered', 'cancelled') THEN 'parcel ' || shipments.status
        WHEN sales.plan IS NULL OR subscriptions.status IN ('canceled', 'incomplete_expired') THEN NULL
        WHEN subscriptions.organisation_id IS NULL THEN 'account not opened'
        WHEN EXISTS (
            SELECT FROM outbox WHERE message_id = 'introduction:' || subscriptions.organisation_id
              AND NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = outbox.message_id)
        ) AND NOT EXISTS (
            SELECT FROM emails WHERE sent_at IS NOT NULL AND kind = 'introduction'
              AND starts_with(key, 'introduction:' || subscriptions.organisation_id)
        ) THEN 'introduction not sent'
    END
"""
_SALES = f"""
    SELECT sales.id, sales.status, total, sales.currency, sales.created_at, paid_at,
           shipments.status AS shipment, subscriptions.status AS subscription, {_LACKS} AS lacks
    FROM sales
    LEFT JOIN shipments ON shipments.sale_id = sales.id
    LEFT JOIN subscriptions ON subscriptions.id = sales.subscription_id
"""  # noqa: S608 - built from conditions of ours only
LISTED = f"""
    SELECT * FROM ({_SALES} WHERE ($1::text IS NULL OR sales.status = $1)
        AND ($2::timestamptz IS NULL OR sales.created_at >= $2)
        AND ($4::text[] IS NULL OR sales.id = ANY($4))
    ) AS sale
    WHERE NOT $3 OR lacks IS NOT NULL ORDER BY created_at DESC, id LIMIT $5
"""  # noqa: S608 - the same
BY_STATUS = """
    SELECT status AS name, count(*)::int AS count, min(created_at) AS oldest,
           (array_agg(id ORDER BY created_at, id))[1] AS oldest_sale
    FROM sales WHERE created_at >= $1 GROUP BY status ORDER BY 2 DESC
"""
UNFULFILLED = f"""
    SELECT lacks AS name, count(*)::int AS count, min(paid_at) AS oldest,
           (array_agg(id ORDER BY paid_at, id))[1] AS oldest_sale
    FROM ({_SALES} WHERE sales.status = 'paid') AS sale WHERE lacks IS NOT NULL GROUP BY lacks ORDER BY 3
"""  # noqa: S608 - the same
MONEY = """
    SELECT (paid_at AT TIME ZONE 'UTC')::date AS day, coalesce(currency, '') AS currency, count(*)::int AS payments,
           sum(amount)::bigint AS paid, sum(amount_refunded)::bigint AS back, sum(amount_lost)::bigint AS lost
    FROM payments WHERE paid_at >= $1 GROUP BY 1, 2 ORDER BY 1 DESC, 2
"""


class SaleStats(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics: sales by status since a moment, money by day and currency, and what is paid and unfulfilled."""

    by_status: list[StatusCount]
    unfulfilled: list[StatusCount]
    money: list[DayOfMoney]


async def list_sales(pool: Pool, wanted: SaleFilter) -> list[ListedSale]:
    """List the newest sales that match; raises Outage when the database does not answer."""
    given = [wanted.status, wanted.since, wanted.unfulfilled, wanted.ids, wanted.limit]
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await connection.fetch(LISTED, *given)
    return [ListedSale(**dict(row)) for row in found]


async def load_stats(pool: Pool, *, since: datetime) -> SaleStats:
    """Count the sales and the money since a moment; what is unfulfilled is counted at any age."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            by_status = await connection.fetch(BY_STATUS, since)
            unfulfilled = await connection.fetch(UNFULFILLED)
            money = await connection.fetch(MONEY, since)
    return SaleStats(
        by_status=[StatusCount(**dict(row)) for row in by_status],
        unfulfilled=[StatusCount(**dict(row)) for row in unfulfilled],
        money=[DayOfMoney(**dict(row)) for row in money],
    )
