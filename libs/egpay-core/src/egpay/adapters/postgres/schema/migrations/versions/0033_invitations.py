"""Invitations name their organisation, and the address that they were mailed to."""

from alembic import op

revision = "0033"
down_revision = "0032"

ADD = """
    ALTER TABLE invitations
        ADD COLUMN organisation_id TEXT,
        ADD COLUMN email_hash BYTEA,
        ADD CONSTRAINT fk_invitations_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id)
"""
# No address was ever corrected before, so that each link was mailed to the one on record.
FILL = """
    UPDATE invitations SET organisation_id = users.organisation_id,
        email_hash = sha256(convert_to(users.email_key, 'UTF8'))
    FROM users WHERE users.id = invitations.user_id
"""


def upgrade() -> None:
    """Add and fill them; a link that was mailed before leads to its user's first organisation."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(ADD)
    op.execute(FILL)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("invitations", "email_hash")
    op.drop_column("invitations", "organisation_id")
