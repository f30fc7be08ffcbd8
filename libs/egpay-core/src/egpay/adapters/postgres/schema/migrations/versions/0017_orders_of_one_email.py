"""Orders of one e-mail: pages stand side by side, and the same order is found by its fingerprint; portal links.

Not expand-first: a checkout-api of before names the unique index in its ON CONFLICT, so that its orders fail
from here on (its webhooks do not). Stop it, migrate, start the new one.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

# The way back allows one open order of a subscription for each e-mail: the one that is being paid stays, else the
# newest; a page that stays open beyond its sale is still honoured when it is paid.
CLOSE_OLDER = """
    UPDATE sales SET status = 'expired', session_progress = 1, updated_at = now()
    WHERE status IN ('in_progress', 'awaiting_payment') AND plan IS NOT NULL AND EXISTS (
        SELECT FROM sales AS other
        WHERE other.email_key = sales.email_key AND other.id <> sales.id AND other.plan IS NOT NULL
          AND other.status IN ('in_progress', 'awaiting_payment')
          AND (other.status = 'awaiting_payment', other.created_at, other.id)
            > (sales.status = 'awaiting_payment', sales.created_at, sales.id)
    )
"""

ALLOW_ONE = """
    CREATE UNIQUE INDEX uq_sales_open_subscription ON sales (email_key)
    WHERE plan IS NOT NULL AND status IN ('in_progress', 'awaiting_payment')
"""


PORTAL_LINKS = """
    CREATE TABLE portal_links (
        id TEXT NOT NULL,
        email_key TEXT NOT NULL,
        requested_at TIMESTAMPTZ NOT NULL,
        token_hash BYTEA,
        expires_at TIMESTAMPTZ,
        used_at TIMESTAMPTZ,
        CONSTRAINT pk_portal_links PRIMARY KEY (id),
        CONSTRAINT uq_portal_links_token_hash UNIQUE (token_hash)
    )
"""


def upgrade() -> None:
    """Drop the unique index; orders of before have no fingerprint and lead to no page, which lasts a day."""
    op.drop_index("uq_sales_open_subscription", table_name="sales")
    op.execute("ALTER TABLE sales ADD COLUMN order_hash BYTEA")
    op.execute("CREATE INDEX ix_sales_open_order ON sales (order_hash) WHERE status = 'in_progress'")
    op.execute(PORTAL_LINKS)
    op.execute("CREATE INDEX ix_portal_links_email_key ON portal_links (email_key)")
    op.execute("CREATE INDEX ix_portal_links_requested_at ON portal_links (requested_at)")


def downgrade() -> None:
    """Close all but one for each e-mail, then add the unique index."""
    op.drop_table("portal_links")
    op.drop_index("ix_sales_open_order", table_name="sales")
    op.drop_column("sales", "order_hash")
    op.execute(CLOSE_OLDER)
    op.execute(ALLOW_ONE)
