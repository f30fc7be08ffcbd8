"""One open order of a subscription for each e-mail, however many tabs, keys or processes ask at once."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Of several that are open now the one that is being paid stays, else the newest; a page that stays open
# beyond its sale is still honoured when it is paid.
CLOSE_OLDER = """
    UPDATE sales SET status = 'expired', session_progress = 1, updated_at = now()
    WHERE status = 'in_progress' AND plan IS NOT NULL AND EXISTS (
        SELECT FROM sales AS other
        WHERE other.email_key = sales.email_key AND other.id <> sales.id AND other.plan IS NOT NULL
          AND (other.status = 'awaiting_payment' OR other.status = 'in_progress'
               AND (other.created_at, other.id) > (sales.created_at, sales.id))
    )
"""

ALLOW_ONE = """
    CREATE UNIQUE INDEX uq_sales_open_subscription ON sales (email_key)
    WHERE plan IS NOT NULL AND status IN ('in_progress', 'awaiting_payment')
"""


def upgrade() -> None:
    """Close all but one for each e-mail, then add the unique index."""
    op.execute(CLOSE_OLDER)
    op.execute(ALLOW_ONE)


def downgrade() -> None:
    """Drop the index, so that several are allowed again."""
    op.drop_index("uq_sales_open_subscription", table_name="sales")
