"""Inbox SQL: writes a batch of webhooks and their outbox messages in one statement, so in one commit."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

Row: TypeAlias = tuple[Any, ...]

COLUMNS = {
    "source": "text",
    "event_id": "text",
    "type": "text",
    "occurred_at": "timestamptz",
    "disposition": "text",
    "reason": "text",
    "sale_id": "text",
    "livemode": "boolean",
    "api_version": "text",
    "buyer_email": "text",
    "traceparent": "text",
    "body": "bytea",
    "message_id": "text",
    "subject": "text",
    "payload": "bytea",
    "place": "int",
}
LARGEST = 1024
"""Rows of the largest statement."""

# Rows and not arrays of parameters (unnest): a third less of our time for a batch, and a tenth less of
# PostgreSQL's. No set arithmetic and one sort, because these cost a batch of two, as most are, more than its
# rows. Messages go out in the order in which their webhooks came: a poller reports the oldest first.
_WRITE = """
    WITH incoming ({names}) AS (VALUES {rows}), fresh AS (
        INSERT INTO webhook_events (
            source, event_id, type, occurred_at, disposition, reason, sale_id, livemode,
            api_version, buyer_email, traceparent, body
        )
        SELECT source, event_id, type, occurred_at, disposition, reason, sale_id, livemode,
            api_version, buyer_email, traceparent, body
        FROM incoming WHERE source IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING source, event_id
    ), queued AS (
        INSERT INTO outbox (message_id, subject, payload, traceparent, leased_until)
        SELECT message_id, subject, payload, traceparent, now() + {lease}::float8 * interval '1 s'
        FROM incoming JOIN fresh USING (source, event_id) WHERE message_id IS NOT NULL ORDER BY place
        ON CONFLICT DO NOTHING
    ) {park}
    SELECT source, event_id FROM fresh
"""
_PARK = """, parked AS (
        INSERT INTO dead_letters (message_id, subject, payload, reason, failed_in)
        SELECT event_id, source || '.' || type, body, coalesce(reason, ''), 'inbox'
        FROM incoming JOIN fresh USING (source, event_id) WHERE disposition = 'parked'
        ON CONFLICT DO NOTHING
    )
"""


def statement(rows: int, *, parks: bool) -> str:
    """The SQL that stores so many rows of `parameters` and returns the keys of the new ones.

    A batch that dead-letters nothing, as most do, leaves out that part."""
    return _sql(_size(rows), parks=parks)


def parameters(rows: Sequence[Row], lease: float | None) -> list[Any]:
    """Its parameters: rows of `COLUMNS`, then the seconds for which we lease their messages.

    Sorted by key, so that two batches that share webhooks lock them in one order."""
    ordered: list[Row] = sorted(rows, key=itemgetter(0, 1))
    laid_out = list(chain.from_iterable(ordered))
    laid_out += [None] * (_size(len(rows)) * len(COLUMNS) - len(laid_out))
    laid_out.append(lease)
    return laid_out


def _size(rows: int) -> int:
    """The next power of two: few sizes, so that each connection soon has all statements prepared.

    Missing rows are padded with NULL."""
    return 1 << (rows - 1).bit_length()


@cache
def _sql(size: int, *, parks: bool) -> str:
    width = len(COLUMNS)
    rows = [[f"${number}" for number in range(row * width + 1, (row + 1) * width + 1)] for row in range(size)]
    rows[0] = [f"{number}::{kind}" for number, kind in zip(rows[0], COLUMNS.values(), strict=True)]
    return _WRITE.format(
        names=", ".join(COLUMNS),
        rows=", ".join(f"({', '.join(row)})" for row in rows),
        lease=f"${size * width + 1}",
        park=_PARK if parks else "",
    )
