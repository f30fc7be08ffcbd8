"""Another organisation: what an order says of it, and a membership for every user, by which accounts are found."""

from alembic import op

revision = "0021"
down_revision = "0020"

MEMBERSHIPS = """
    INSERT INTO memberships (user_id, organisation_id, role)
    SELECT id, organisation_id, role FROM users ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Add the column; users that a worker of before revision 0018 stored meanwhile get their memberships."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE sales ADD COLUMN another_organisation BOOLEAN DEFAULT false NOT NULL")
    op.execute(MEMBERSHIPS)


def downgrade() -> None:
    """Drop the column; a second organisation stays with its membership, which an older program does not read."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("sales", "another_organisation")
