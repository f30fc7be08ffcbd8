"""How we keep ourselves from asking the provider too much: at which pace, and what was asked already."""

from sqlalchemy import Column, Table, Text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment

pace = Table(
    "pace",
    metadata,
    Column("name", Text, primary_key=True),
    moment("next_at", required=True),
)
"""`next_at` is when the next question may be asked: one row, which all workers push ahead of them."""

questions = Table(
    "questions",
    metadata,
    Column("subject", Text, primary_key=True),
    moment("asked_at", required=True),
    moment("held_until"),
)
"""`asked_at` is when the question about a subject was asked last; `held_until`, while somebody still waits
for the answer, is when others may ask in his place."""
