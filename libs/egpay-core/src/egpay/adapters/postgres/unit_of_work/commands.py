"""Outbox of use cases: stores their commands and events in the outbox, as those of the event path are."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters import wire
from egpay.adapters.postgres import outbox
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent

PUT = outbox.put(1)


class PostgresCommands(msgspec.Struct, frozen=True):
    """Port `Commands` over the outbox."""

    connection: AsyncConnection

    async def put(self, *commands: Command) -> None:
        """Insert into the outbox, to be published after the commit."""
        await self.connection.exec_driver_sql(PUT, outbox.columns(wire.command_messages(commands)))


class PostgresOwnEvents(msgspec.Struct, frozen=True):
    """Port `OwnEvents` over the outbox."""

    connection: AsyncConnection

    async def put(self, *events: BillingEvent) -> None:
        """Insert into the outbox, to be published after the commit."""
        messages = [wire.event_message(event) for event in events]
        await self.connection.exec_driver_sql(PUT, outbox.columns(messages))
