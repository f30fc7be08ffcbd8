"""Pending work: what was decided and is not done: retried, waiting, or dead-lettered, with the last reason."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool


class PendingWork(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is not done: `tries` so far, the last `reason`, and when it is tried next, where that is known.

    `state` is `retried`, `waits for the broker`, `waits for a worker`, `waits for Stripe` or `dead letter <number>`.
    """

    what: str
    id: str
    state: str
    tries: int
    reason: str | None
    since: datetime
    next_at: datetime | None
    sale_id: str | None


class FailingCommands(msgspec.Struct, frozen=True, kw_only=True):
    """Commands of one kind that fail now: how many, since when, and why the last one did."""

    command: str
    count: int
    since: datetime
    reason: str
    next_at: datetime


LOGGABLE_REASON = (
    r"CASE WHEN reason ~ '^\w*(Error|Exception|Group)\M' THEN split_part(reason, ':', 1) ELSE reason END"
)
"""Of an error that is not ours only its class: its text may quote a person's data, and is in `dead-letters show`."""

# A row outlives its command when the worker died between done and closed, or the broker gave it up.
RETRIED = """
    SELECT * FROM retries
    WHERE NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = retries.message_id)
      AND NOT EXISTS (
          SELECT FROM dead_letters AS letter WHERE letter.message_id = retries.message_id
            AND (letter.resolved_at IS NULL OR letter.resolved_at >= retries.failed_at)
      )
"""

# A command that was dropped from the dead letters is never processed, and one replayed was resolved before it was
# published again: both as in the search for lost messages. The outbox holds two weeks, and is searched whole. News
# that the product's endpoint was never asked to take is left out: without an endpoint it waits for ever. A refund that
# Stripe was asked for is done when its own event names the act.
PENDING = f"""
    WITH retried AS ({RETRIED}), wanted AS MATERIALIZED (
        SELECT message_id, subject, payload, created_at, published_at FROM outbox
        WHERE subject LIKE 'billing.commands.%'
          AND EXISTS (
              SELECT FROM unnest($1::text[]) AS name WHERE position(convert_to(name, 'UTF8') IN payload) > 0
          )
          AND NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = outbox.message_id)
          AND NOT EXISTS (
              SELECT FROM dead_letters AS letter WHERE letter.message_id = outbox.message_id
                AND (letter.resolved_at IS NULL OR letter.resolved_at >= outbox.published_at)
          )
    ), letter AS (
        SELECT * FROM dead_letters WHERE resolved_at IS NULL AND EXISTS (
            SELECT FROM unnest($1::text[]) AS name WHERE position(convert_to(name, 'UTF8') IN payload) > 0
        )
    )
    SELECT split_part(wanted.subject, '.', 3) AS what, message_id AS id,
           CASE WHEN retried.tries IS NOT NULL THEN 'retried'
                WHEN published_at IS NULL THEN 'waits for the broker'
                ELSE 'waits for a worker' END AS state,
           coalesce(retried.tries, 0) AS tries, retried.reason,
           coalesce(retried.first_failed_at, wanted.created_at) AS since, retried.next_at,
           (regexp_match(convert_from(payload, 'UTF8'), '"sale_id":"([a-z0-9_]+)"'))[1] AS sale_id
    FROM wanted LEFT JOIN retried USING (message_id)
    UNION ALL
    SELECT subject, message_id, 'dead letter ' || id, attempts, {LOGGABLE_REASON}, created_at, NULL,
           substring(encode(payload, 'escape') FROM 'sale_[a-z0-9]{{26}}')
    FROM letter
    UNION ALL
    SELECT 'delivery ' || type, message_id, 'retried', tries, coalesce(reason, 'it answered ' || status), waits_since,
           next_at, substring(encode(payload, 'escape') FROM 'sale_[a-z0-9]{{26}}')
    FROM app_deliveries WHERE delivered_at IS NULL AND tries > 0 AND EXISTS (
        SELECT FROM unnest($1::text[]) AS name WHERE position(convert_to(name, 'UTF8') IN payload) > 0
    )
    UNION ALL
    SELECT 'refund', asked.act, 'waits for Stripe', 0, NULL, (asked.request ->> 'requested_at')::timestamptz, NULL,
           payments.sale_id
    FROM payments CROSS JOIN LATERAL jsonb_each(refund_requests) AS asked (act, request)
    WHERE (payments.id = ANY($1) OR payments.sale_id = ANY($1) OR payments.subscription_id = ANY($1))
      AND asked.request ->> 'refusal' IS NULL
      AND NOT EXISTS (
          SELECT FROM jsonb_each(refunds -> 'known') AS made (id, refund) WHERE made.refund ->> 'act' = asked.act
      )
      AND EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = 'refund:' || asked.act)
    ORDER BY since, id
"""  # noqa: S608 - built from conditions of ours only

FAILING = f"""
    SELECT command, count(*)::int AS count, min(first_failed_at) AS since, min(next_at) AS next_at,
           (array_agg(reason ORDER BY failed_at DESC))[1] AS reason
    FROM ({RETRIED}) AS retried GROUP BY command ORDER BY since
"""  # noqa: S608 - the same


async def load_pending_work(pool: Pool, names: Sequence[str]) -> list[PendingWork]:
    """Load what is not done of everything that names one of these ids; raises Outage without an answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await connection.fetch(PENDING, list(names))
    return [PendingWork(**dict(row)) for row in found]


async def load_failing_commands(pool: Pool) -> list[FailingCommands]:
    """Load the kinds of commands that fail now, the longest failing first; raises Outage without an answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await connection.fetch(FAILING)
    return [FailingCommands(**dict(row)) for row in found]
