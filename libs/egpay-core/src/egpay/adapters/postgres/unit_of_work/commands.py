"""Command outbox: stores commands of use cases in the outbox, as those of events are."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters import wire
from egpay.adapters.postgres import outbox
from egpay.domain.commands import Command

PUT = outbox.put(1)


class PostgresCommands(msgspec.Struct, frozen=True):
    """Port `Commands` over the outbox."""

    connection: AsyncConnection

    async def put(self, *commands: Command) -> None:
        """Insert into the outbox, to be published after the commit."""
        await self.connection.exec_driver_sql(PUT, outbox.columns(wire.command_messages(commands)))
