"""Subscriptions in full, and access: plan, pause of collection and unpaid renewals; the stored policy."""

from alembic import op

revision = "0027"
down_revision = "0026"

SUBSCRIPTIONS = """
    ALTER TABLE subscriptions
        ADD COLUMN plan TEXT,
        ADD COLUMN price_id TEXT,
        ADD COLUMN plan_known BOOLEAN NOT NULL DEFAULT false,
        ADD COLUMN plan_reported_at TIMESTAMPTZ,
        ADD COLUMN collection_paused BOOLEAN NOT NULL DEFAULT false,
        ADD COLUMN started_at TIMESTAMPTZ,
        ADD COLUMN renewals JSONB NOT NULL DEFAULT '{}'
"""
KNOWN = "ALTER TABLE known_prices ADD COLUMN product TEXT"
FILL_KNOWN = """
    UPDATE known_prices SET product = prices.product FROM prices
    WHERE known_prices.id IN (prices.id, prices.stripe_product)
"""
# The order's plan until the next report names the item; the first mention here is near to when it was created.
FILL_PLANS = """
    UPDATE subscriptions SET
        plan = (SELECT plan FROM sales WHERE sales.id = subscriptions.sale_id),
        started_at = created_at
"""


ACCESS = """
    CREATE TABLE access (
        organisation_id TEXT NOT NULL,
        level TEXT NOT NULL,
        why TEXT NOT NULL,
        subscription_id TEXT NOT NULL,
        plan TEXT,
        seats INTEGER NOT NULL,
        until TIMESTAMPTZ,
        elapsed TIMESTAMPTZ,
        version INTEGER NOT NULL,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT pk_access PRIMARY KEY (organisation_id),
        CONSTRAINT fk_access_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id),
        CONSTRAINT ck_access_level CHECK (level IN ('full', 'grace', 'none'))
    )
"""
UNTIL = "CREATE INDEX ix_access_until ON access (until) WHERE level = 'grace'"
GRACE = "ALTER TABLE installation ADD COLUMN access_grace_days INTEGER NOT NULL DEFAULT 14"


def upgrade() -> None:
    """Add them; a job of the worker derives the access of the organisations that there are."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (SUBSCRIPTIONS, KNOWN, FILL_KNOWN, FILL_PLANS, ACCESS, UNTIL, GRACE):
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("installation", "access_grace_days")
    op.drop_table("access")
    op.drop_column("known_prices", "product")
    for column in (
        "renewals",
        "started_at",
        "collection_paused",
        "plan_reported_at",
        "plan_known",
        "price_id",
        "plan",
    ):
        op.drop_column("subscriptions", column)
