"""Access tables: organisations, their users, owners, and single-use invitations."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, one_of, stamp, word
from egpay.domain.access import AccessLevel
from egpay.domain.account import OrganisationSource, UserStatus

organisations = Table(
    "organisations",
    metadata,
    Column("id", Text, primary_key=True),
    word("name"),
    stamp("created_at"),
    stamp("updated_at"),
    word("source", default=OrganisationSource.SALE),
    Column("public_version", Integer, nullable=False, server_default=text("0")),
    one_of("source", OrganisationSource),
)

owners = Table(
    "owners",
    metadata,
    Column("subscription_id", Text, primary_key=True),
    word("organisation"),
    word("name"),
    word("email"),
    word("email_key"),
    stamp("created_at"),
    stamp("updated_at"),
    Index(None, "email_key"),
)
"""Owners of subscriptions that no sale of ours began, as the provider reports them."""

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, ForeignKey("organisations.id"), nullable=False),
    word("email"),
    word("email_key"),
    word("name"),
    word("role"),
    word("status"),
    stamp("created_at"),
    stamp("updated_at"),
    one_of("status", UserStatus),
    UniqueConstraint("email_key"),
    Index(None, "organisation_id"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation_id", Text, ForeignKey("organisations.id"), primary_key=True),
    word("role"),
    stamp("created_at"),
    Index(None, "organisation_id"),
)
"""Roles of users in organisations; `users.organisation_id` is filled beside it for one release."""

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    moment("expires_at", required=True),
    moment("used_at"),
    stamp("created_at"),
    Column("organisation_id", Text, ForeignKey("organisations.id")),
    Column("email_hash", LargeBinary),
    Index(None, "user_id"),
)
"""Only the SHA-256 of the token is stored, so that reading this table gives no access."""

portal_links = Table(
    "portal_links",
    metadata,
    Column("id", Text, primary_key=True),
    word("email_key"),
    moment("requested_at", required=True),
    Column("token_hash", LargeBinary, unique=True),
    moment("expires_at"),
    moment("used_at"),
    Index(None, "email_key"),
    Index(None, "requested_at"),
)
"""Links to the billing portal, requested and issued; of the token only the SHA-256 is stored.

The id `customer:<SHA-256>` is a customer token: who opened the portal proves with it whose an order is, until it expires.
"""

access = Table(
    "access",
    metadata,
    Column("organisation_id", Text, ForeignKey("organisations.id"), primary_key=True),
    word("level"),
    word("why"),
    word("subscription_id"),
    word("plan", required=False),
    Column("seats", Integer, nullable=False),
    moment("until"),
    moment("elapsed"),
    Column("version", Integer, nullable=False),
    stamp("created_at"),
    stamp("updated_at"),
    one_of("level", AccessLevel),
    Index(None, "until", postgresql_where=text("level = 'grace'")),
)
"""What each organisation may use, and until when; `version` grows with each change."""
