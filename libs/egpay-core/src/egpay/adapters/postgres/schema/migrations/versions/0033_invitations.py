"""Invitations name their organisation, and an operator may void them."""

from alembic import op

revision = "0033"
down_revision = "0032"

ADD = """
    ALTER TABLE invitations
        ADD COLUMN organisation_id TEXT,
        ADD COLUMN voided_at TIMESTAMPTZ,
        ADD CONSTRAINT fk_invitations_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id)
"""


def upgrade() -> None:
    """Add them; a link that was mailed before leads to its user's first organisation."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(ADD)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("invitations", "voided_at")
    op.drop_column("invitations", "organisation_id")
