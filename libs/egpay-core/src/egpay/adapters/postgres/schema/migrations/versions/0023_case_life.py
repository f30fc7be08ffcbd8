"""Life of a case: opened and closed by its rule, closed or snoozed by a person, all kinds of cases."""

from alembic import op

revision = "0023"
down_revision = "0022"

KINDS = (
    "'second_subscription', 'paid_twice', 'paid_after_end', 'refund_failed', 'refunded_but_running', 'return',"
    " 'not_shipped', 'parcel_back', 'parcel_lost', 'paid_not_shipped', 'part_refunded', 'dispute', 'fraud_warning',"
    " 'review', 'amount', 'currency', 'withdrawal', 'unknown_owner', 'overpaid', 'payment_undone'"
)
BEFORE = "'return', 'second_subscription', 'paid_twice', 'refund_failed'"

COLUMNS = """
    ALTER TABLE cases
        ADD COLUMN todo TEXT,
        ADD COLUMN weight BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN about TEXT[] NOT NULL DEFAULT '{}',
        ADD COLUMN due_by TIMESTAMPTZ,
        ADD COLUMN waits_for TEXT NOT NULL DEFAULT 'us',
        ADD COLUMN closed_by TEXT,
        ADD COLUMN snoozed_until TIMESTAMPTZ,
        ADD COLUMN snoozed_because TEXT,
        ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        ADD CONSTRAINT ck_cases_waits_for CHECK (waits_for IN ('us', 'bank')),
        ADD CONSTRAINT ck_cases_closed_by CHECK (closed_by IN ('rule', 'person'))
"""

# Only people closed cases so far. What to do is said by the kind, because no rule has stated it.
FILL = """
    UPDATE cases SET
        closed_by = CASE WHEN closed_at IS NOT NULL THEN 'person' END,
        todo = CASE kind
            WHEN 'return' THEN 'ask the buyer for the devices; close the case when they are back'
            WHEN 'second_subscription' THEN 'ask the customer which one stays; cancel the other at Stripe'
            WHEN 'paid_twice' THEN 'refund the second payment at Stripe'
            ELSE 'agree with the buyer on another way, refund that way, and close the case'
        END
"""

# Their lines were read from the cases themselves; from now on each change of a case is an entry of the timeline.
LINES = """
    INSERT INTO timeline (subject, sale_id, at, kind, what, cause, recorded_at)
    SELECT subject, sale_id, opened_at, 'case.opened', kind || ': ' || what, cause, created_at FROM cases
    UNION ALL
    SELECT subject, sale_id, closed_at, 'case.closed', kind || ': closed by a person: ' || coalesce(closed_because, '-'),
           NULL, closed_at
    FROM cases WHERE closed_at IS NOT NULL
"""
NO_LINES = "DELETE FROM timeline WHERE kind LIKE 'case.%'"

# One for each organisation instead of one for each pair: of several the one that is open stays, else the newest.
MERGE = """
    DELETE FROM cases USING (
        SELECT id, row_number() OVER (PARTITION BY subject ORDER BY closed_at IS NOT NULL, opened_at DESC, id) AS place
        FROM cases WHERE kind = 'second_subscription'
    ) AS ranked
    WHERE cases.id = ranked.id AND ranked.place > 1
"""
RENAME = """
    UPDATE cases SET
        about = string_to_array(substr(id, length('second_subscription:') + 1), ':'),
        id = 'second_subscription:' || subject
    WHERE kind = 'second_subscription'
"""
RENAME_BACK = """
    UPDATE cases SET id = 'second_subscription:' || array_to_string(about, ':')
    WHERE kind = 'second_subscription' AND about <> '{}'
"""


def upgrade() -> None:
    """Add them, and bring the rows in line; a case that a person closed stays closed."""
    for statement in (COLUMNS, LINES, FILL, MERGE, RENAME):
        op.execute(statement)
    op.alter_column("cases", "todo", nullable=False)
    op.execute(
        "ALTER TABLE cases ADD CONSTRAINT ck_cases_closed CHECK ((closed_at IS NULL) = (closed_by IS NULL))"
    )
    op.execute("CREATE INDEX ix_cases_subject ON cases (subject)")
    op.execute("CREATE INDEX ix_cases_sale_id ON cases (sale_id) WHERE sale_id IS NOT NULL")
    _allow(KINDS)


def downgrade() -> None:
    """Drop them; cases of newer kinds are deleted, and what the rule closed looks closed by a person."""
    op.execute(f"DELETE FROM cases WHERE kind NOT IN ({BEFORE})")  # noqa: S608 - a list of ours
    op.execute(RENAME_BACK)
    op.execute(NO_LINES)
    _allow(BEFORE)
    op.drop_index("ix_cases_sale_id", "cases")
    op.drop_index("ix_cases_subject", "cases")
    op.drop_constraint("ck_cases_closed", "cases")
    for column in (
        "updated_at",
        "snoozed_because",
        "snoozed_until",
        "closed_by",
        "waits_for",
        "due_by",
        "about",
        "weight",
        "todo",
    ):
        op.drop_column("cases", column)


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE cases DROP CONSTRAINT ck_cases_kind")
    op.execute(f"ALTER TABLE cases ADD CONSTRAINT ck_cases_kind CHECK (kind IN ({kinds}))")
