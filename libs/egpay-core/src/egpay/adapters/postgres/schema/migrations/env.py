"""Alembic environment: runs on the connection of egpay.adapters.postgres.schema.migrate."""

from alembic import context

from egpay.adapters.postgres.schema.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
