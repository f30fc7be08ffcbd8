"""Another organisation: what an order says of it, whose devices are, and a membership for every user."""

from alembic import op

revision = "0021"
down_revision = "0020"

SALES = """
    ALTER TABLE sales
        ADD COLUMN another_organisation BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN organisation_id TEXT
            CONSTRAINT fk_sales_organisation_id_organisations REFERENCES organisations (id),
        ADD COLUMN organisation_key TEXT
"""

MEMBERSHIPS = """
    INSERT INTO memberships (user_id, organisation_id, role)
    SELECT id, organisation_id, role FROM users ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Add the columns; users that a worker of before revision 0018 stored meanwhile get their memberships."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(SALES)
    op.execute(MEMBERSHIPS)


def downgrade() -> None:
    """Drop the columns; a second organisation stays with its membership, which an older program does not read."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for column in ("organisation_key", "organisation_id", "another_organisation"):
        op.drop_column("sales", column)
