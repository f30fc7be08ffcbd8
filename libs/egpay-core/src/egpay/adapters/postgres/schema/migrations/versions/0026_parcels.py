"""Parcels: what the warehouse reports of each; existing shipments get the one that they are known by."""

from alembic import op

revision = "0026"
down_revision = "0025"

STATUSES = "'requested', 'held', 'accepted', 'shipped', 'delivered', 'returned', 'failed', 'cancelled'"
OLD_STATUSES = "'requested', 'held', 'accepted', 'shipped', 'delivered', 'failed', 'cancelled'"

COLUMNS = """
    ALTER TABLE shipments
        ADD COLUMN parcels JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN attempts JSONB DEFAULT '[]' NOT NULL,
        ADD COLUMN items JSONB,
        ADD COLUMN settled_refund BIGINT DEFAULT 0 NOT NULL,
        ADD COLUMN misfit JSONB,
        DROP CONSTRAINT ck_shipments_status,
        DROP CONSTRAINT ck_shipments_progress
"""

CHECKS = """
    ALTER TABLE shipments
        ADD CONSTRAINT ck_shipments_status CHECK (status IN ({statuses})),
        ADD CONSTRAINT ck_shipments_progress CHECK (progress IN ({steps}))
"""

SETTING = """
    ALTER TABLE installation ADD COLUMN part_refund TEXT DEFAULT 'hold' NOT NULL,
        ADD CONSTRAINT ck_installation_part_refund CHECK (part_refund IN ('hold', 'ship'))
"""

# When a report was made was not kept; the row's last change is the nearest to it.
PARCELS = """
    UPDATE shipments SET parcels = jsonb_build_object('1:', jsonb_strip_nulls(jsonb_build_object(
        'shipped_at', CASE WHEN progress >= 3 THEN updated_at END,
        'delivered_at', CASE WHEN progress = 4 THEN updated_at END,
        'failed_at', CASE WHEN progress = 2 THEN updated_at END,
        'carrier', CASE WHEN carrier IS NOT NULL THEN jsonb_build_array(updated_at, carrier) END,
        'tracking', CASE WHEN tracking_number IS NOT NULL OR tracking_url IS NOT NULL THEN
            jsonb_build_array(updated_at, coalesce(tracking_number, ''), coalesce(tracking_url, '')) END
    )))
    WHERE progress >= 2
"""

# What came back had left, and was not yet known to an earlier release.
BACK = """
    UPDATE shipments SET status = CASE WHEN status = 'returned' THEN 'shipped' ELSE status END,
        progress = least(progress, 4)
    WHERE status = 'returned' OR progress > 4
"""


def upgrade() -> None:
    """Add the columns, and fill the parcels from what earlier releases stored."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (COLUMNS, CHECKS.format(statuses=STATUSES, steps="0, 1, 2, 3, 4, 5"), SETTING, PARCELS):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; an earlier release knows the newest parcel alone."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(
        "ALTER TABLE shipments DROP CONSTRAINT ck_shipments_status, DROP CONSTRAINT ck_shipments_progress"
    )
    op.execute(BACK)
    op.execute(CHECKS.format(statuses=OLD_STATUSES, steps="0, 1, 2, 3, 4"))
    for column in ("misfit", "settled_refund", "items", "attempts", "parcels"):
        op.drop_column("shipments", column)
    op.drop_column("installation", "part_refund")
