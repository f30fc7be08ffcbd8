"""Rate limit tables: the GCRA schedule, single-flight lookups, and pauses and refusals of providers."""

from sqlalchemy import Column, Table, Text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, word

pace = Table(
    "pace",
    metadata,
    Column("name", Text, primary_key=True),
    moment("next_at", required=True),
)
"""GCRA schedule: `next_at` is when the next request may go; all workers push the one row ahead."""

questions = Table(
    "questions",
    metadata,
    Column("subject", Text, primary_key=True),
    moment("asked_at", required=True),
    moment("held_until"),
)
"""Single flight: `asked_at` is when a subject was looked up last.

`held_until` is set while a process waits for the answer, and is when others may claim the lookup."""

providers = Table(
    "providers",
    metadata,
    Column("name", Text, primary_key=True),
    moment("paused_until"),
    word("pause_reason", required=False),
    moment("refused_since"),
    moment("refused_at"),
    word("refusal", required=False),
)
"""Provider status: the pause that one asked for, and since when it refuses us; a success ends the refusal."""
