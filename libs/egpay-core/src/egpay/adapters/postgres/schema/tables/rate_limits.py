"""Rate limit tables: the GCRA schedule, and the single-flight lookups of the provider."""

from sqlalchemy import Column, Table, Text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment

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
