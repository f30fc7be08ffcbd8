"""Failed refunds: stores what was reported about refunds of a payment, not only the sum."""

from alembic import op

revision = "0013"
down_revision = "0012"

KINDS = "'return', 'second_subscription', 'paid_twice'"

# When it was reported is unknown: as early as can be, so that every report from now on is newer. No failure
# was reported before this release.
TOLD = """
    UPDATE payments SET refunds = jsonb_build_object(
        'told_at', coalesce(paid_at, created_at), 'told', amount_refunded, 'told_in_full', refunded_in_full,
        'most', amount_refunded, 'ever_in_full', refunded_in_full
    )
    WHERE amount_refunded > 0 OR refunded_in_full
"""


def upgrade() -> None:
    """Fill it from the sums, and allow one more kind of case."""
    op.execute("ALTER TABLE payments ADD COLUMN refunds JSONB DEFAULT '{}' NOT NULL")
    op.execute(TOLD)
    _allow(f"{KINDS}, 'refund_failed'")


def downgrade() -> None:
    """Drop it; the sums stay, cases of that kind are deleted."""
    op.execute("DELETE FROM cases WHERE kind = 'refund_failed'")
    _allow(KINDS)
    op.drop_column("payments", "refunds")


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE cases DROP CONSTRAINT ck_cases_kind")
    op.execute(f"ALTER TABLE cases ADD CONSTRAINT ck_cases_kind CHECK (kind IN ({kinds}))")
