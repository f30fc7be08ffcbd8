"""Related records: accounts, sales, subscriptions, open cases and pending work that the hits of a search lead to."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Connection, Pool
from egpay.adapters.postgres.operator.pending_work import PendingWork, load_pending_work
from egpay.adapters.postgres.operator.sale_listing import ListedSale, SaleFilter, list_sales
from egpay.adapters.postgres.operator.search import SearchHit

MOST = 50
"""Sales that are told, at most."""


class FoundAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Account that was found: an organisation, one of its users, and what it may use."""

    organisation_id: str
    organisation: str
    user_id: str | None
    email: str | None
    user_status: str | None
    access: str | None
    until: datetime | None


class FoundSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """Subscription that was found, by its newest report."""

    id: str
    status: str
    plan: str | None
    quantity: int
    current_period_end: datetime | None
    cancel_at: datetime | None
    sale_id: str | None
    organisation_id: str | None


class OpenCase(msgspec.Struct, frozen=True, kw_only=True):
    """Case that is open: what happened, what is to be done and by when."""

    id: str
    kind: str
    what: str
    todo: str
    opened_at: datetime
    due_by: datetime | None


class RelatedRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Records that belong to what was found."""

    accounts: list[FoundAccount]
    sales: list[ListedSale]
    subscriptions: list[FoundSubscription]
    cases: list[OpenCase]
    pending: list[PendingWork]


# From each kind of id to the others: a sale's subscription and organisation, an organisation's subscriptions and sales.
REACH = """
    WITH given AS (
        SELECT id, organisation_id, sale_id FROM subscriptions
        WHERE id = ANY($3::text[]) OR sale_id = ANY($1::text[]) OR organisation_id = ANY($2::text[])
           OR id IN (SELECT subscription_id FROM sales WHERE id = ANY($1))
    ), organisation AS (
        SELECT unnest($2::text[]) AS id UNION SELECT organisation_id FROM given
        UNION SELECT organisation_id FROM sales WHERE id = ANY($1)
    ), held AS (
        SELECT id, sale_id FROM given
        UNION SELECT id, sale_id FROM subscriptions WHERE organisation_id IN (SELECT id FROM organisation)
    )
    SELECT ARRAY(
        SELECT unnest($1::text[]) UNION SELECT sale_id FROM held WHERE sale_id IS NOT NULL
        UNION SELECT id FROM sales WHERE organisation_id IN (SELECT id FROM organisation)
    ), ARRAY(SELECT id FROM organisation WHERE id IS NOT NULL),
       ARRAY(SELECT unnest($3::text[]) UNION SELECT id FROM held)
"""
ACCOUNTS = """
    SELECT organisations.id AS organisation_id, organisations.name AS organisation, users.id AS user_id, users.email,
           users.status AS user_status, access.until,
           CASE WHEN level = 'grace' AND until <= now() THEN 'none' ELSE level END AS access
    FROM organisations
    LEFT JOIN memberships ON memberships.organisation_id = organisations.id
    LEFT JOIN users ON users.id = memberships.user_id
    LEFT JOIN access ON access.organisation_id = organisations.id
    WHERE organisations.id = ANY($1) ORDER BY organisations.name, organisations.id, users.created_at
"""
SUBSCRIPTIONS = """
    SELECT id, status, plan, quantity, current_period_end, cancel_at, sale_id, organisation_id
    FROM subscriptions WHERE id = ANY($1) ORDER BY created_at, id
"""
CASES = """
    SELECT id, kind, what, todo, opened_at, due_by FROM cases
    WHERE closed_at IS NULL AND (sale_id = ANY($1) OR subject = ANY($1)
       OR subject IN (SELECT id FROM payments WHERE sale_id = ANY($1) OR subscription_id = ANY($1)))
    ORDER BY due_by NULLS LAST, opened_at, id
"""


async def load_open_cases(connection: Connection, about: Sequence[str]) -> list[OpenCase]:
    """Load the open cases of these sales, organisations and subscriptions, the most urgent first."""
    return [OpenCase(**dict(row)) for row in await connection.fetch(CASES, list(about))]


async def load_related(pool: Pool, hits: Sequence[SearchHit]) -> RelatedRecords:
    """Load what the hits lead to; raises Outage when the database does not answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            sales, organisations, subscriptions = await _reach(connection, hits)
            accounts = await connection.fetch(ACCOUNTS, organisations)
            running = await connection.fetch(SUBSCRIPTIONS, subscriptions)
            cases = await load_open_cases(connection, [*sales, *organisations, *subscriptions])
    return RelatedRecords(
        accounts=[FoundAccount(**dict(row)) for row in accounts],
        sales=await list_sales(pool, SaleFilter(ids=sales, limit=MOST)),
        subscriptions=[FoundSubscription(**dict(row)) for row in running],
        cases=cases,
        pending=await load_pending_work(pool, [*sales, *organisations, *subscriptions]),
    )


async def _reach(connection: Connection, hits: Sequence[SearchHit]) -> tuple[list[str], ...]:
    """All sales, organisations and subscriptions that the hits name or belong to."""
    [row] = await connection.fetch(
        REACH,
        sorted({hit.sale_id for hit in hits if hit.sale_id}),
        sorted({hit.organisation_id for hit in hits if hit.organisation_id}),
        sorted({hit.subscription_id for hit in hits if hit.subscription_id}),
    )
    return tuple(row)
