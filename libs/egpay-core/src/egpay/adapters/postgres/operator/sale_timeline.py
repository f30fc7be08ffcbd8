"""Sale timeline: every step of one sale, including duplicate, late, ignored and failed ones."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import Connection
from egpay.adapters.postgres.operator.pending_work import LOGGABLE_REASON


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: `at` is when we recorded it, `cause` the message or event behind it."""

    at: datetime
    kind: str
    what: str
    cause: str | None = None


# An ignored or dead-lettered webhook has no sale id; its body does, as one of the sale's ids at the provider.
# Bodies are searched only since the sale began, and only of webhooks without a sale id. An e-mail's subject names the
# organisation, so it is not read; nor is the text of an error that is not ours.
STORY = f"""
    WITH line AS MATERIALIZED (
        SELECT id, at, recorded_at, kind, what, cause FROM timeline
        WHERE sale_id = $1::text OR subject = ANY($2::text[])
    ), told AS MATERIALIZED (
        SELECT * FROM webhook_events AS event
        WHERE sale_id = $1::text
           OR event_id IN (SELECT cause FROM line)
           OR (sale_id IS NULL AND received_at >= $3::timestamptz AND EXISTS (
               SELECT FROM unnest($2::text[]) AS name
               WHERE position(convert_to(name, 'UTF8') IN event.body) > 0
           ))
    ), command AS MATERIALIZED (
        SELECT message_id, split_part(subject, '.', 3) AS name, created_at, published_at,
               CAST(CAST(convert_from(payload, 'UTF8') AS json) ->> 'occurred_at' AS timestamptz) AS occurred_at
        FROM outbox
        WHERE subject LIKE 'billing.commands.%' AND created_at >= $3::timestamptz
          AND position(convert_to($1::text, 'UTF8') IN payload) > 0
    ), letter AS MATERIALIZED (
        SELECT * FROM dead_letters AS letter
        WHERE message_id IN (SELECT event_id FROM told UNION SELECT message_id FROM command)
           OR (created_at >= $3::timestamptz AND position(convert_to($1::text, 'UTF8') IN payload) > 0)
    ), step (at, kind, what, cause, rank) AS (
        SELECT received_at, CASE source WHEN 'operator' THEN 'act.' ELSE 'webhook.' END || type,
               source || ' ' || disposition || coalesce(': ' || reason, '') || CASE
                   WHEN received_at - occurred_at > interval '1 minute'
                   THEN ', late by ' || date_trunc('second', received_at - occurred_at) ELSE '' END,
               event_id, 0
        FROM told
        UNION ALL
        SELECT redelivered_at, 'webhook.' || type, source || ' duplicate, delivered ' || deliveries || ' times',
               event_id, 1
        FROM told WHERE deliveries > 1 AND redelivered_at IS NOT NULL
        UNION ALL
        SELECT recorded_at, kind, what, cause, 2 FROM line
        UNION ALL
        SELECT created_at, 'command.' || name,
               message_id || CASE WHEN published_at IS NULL THEN ', waits for the broker' ELSE '' END,
               (SELECT cause FROM line WHERE line.recorded_at = command.created_at
                AND line.at = command.occurred_at ORDER BY id DESC LIMIT 1), 3
        FROM command
        UNION ALL
        SELECT sent_at, 'email.' || kind, CASE WHEN attempts > 1 THEN 'sent, at try ' || attempts ELSE 'sent' END, key, 4
        FROM emails WHERE sale_id = $1::text AND sent_at IS NOT NULL
        UNION ALL
        SELECT created_at, 'dead_letter.' || failed_in, 'number ' || id || ': ' || {LOGGABLE_REASON}, message_id, 5
        FROM letter
        UNION ALL
        SELECT found_at, 'reconcile.' || kind, what, event_id, 6 FROM reconcile_findings
        WHERE sale_id = $1::text OR event_id IN (SELECT event_id FROM told)
    )
    SELECT at, kind, what, cause FROM step ORDER BY at, rank
"""  # noqa: S608 - built from a condition of ours only

NOTES = "SELECT recorded_at AS at, kind, what, cause FROM timeline WHERE subject = $1 ORDER BY id"


async def load_timeline(
    connection: Connection, sale_id: str, *, names: Sequence[str | None], since: datetime
) -> list[TimelineStep]:
    """Load all steps, oldest first; `names` are the sale's ids at the provider, `since` is its start."""
    known = [name for name in (sale_id, *names) if name]
    rows = await connection.fetch(STORY, sale_id, known, since)
    return [TimelineStep(**dict(row)) for row in rows]


async def load_notes(connection: Connection, subject: str) -> list[TimelineStep]:
    """Load what is noted about an organisation or another object that is no sale, oldest first."""
    with mapped_errors():
        rows = await connection.fetch(NOTES, subject)
    return [TimelineStep(**dict(row)) for row in rows]
