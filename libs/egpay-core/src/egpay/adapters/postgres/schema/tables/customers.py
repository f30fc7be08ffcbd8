"""Customer table: the customers that we made at the payment provider, one for each order."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from egpay.adapters.postgres.schema.tables.columns import flag, metadata, moment, stamp, word

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    word("provider", default="stripe"),
    Column("organisation_id", Text, ForeignKey("organisations.id")),
    Column("sale_id", Text, ForeignKey("sales.id")),
    stamp("created_at"),
    stamp("used_at"),
    flag("kept"),
    moment("given_up_at"),
    moment("deleted_at"),
    CheckConstraint("deleted_at IS NULL OR given_up_at IS NOT NULL", name="deleted"),
    Index(None, "sale_id"),
    Index(None, "organisation_id", postgresql_where=text("organisation_id IS NOT NULL")),
    Index(None, "used_at", postgresql_where=text("given_up_at IS NULL AND NOT kept")),
    Index(None, "given_up_at", postgresql_where=text("given_up_at IS NOT NULL AND deleted_at IS NULL")),
)
"""Customers by the provider's id. `used_at` is when a page was last to be opened with it; `organisation_id` comes with
the account. After 30 days it is judged, and one of an order that was never paid is deleted at the provider:

    used --paid or subscribed--> kept
      +-----neither------------> given up --the provider deleted it--> deleted
"""
