"""Commands decided outside the event path go the same way as all others: through the outbox."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters import wire
from egpay.adapters.postgres import outbox
from egpay.domain.commands import Command

PUT = outbox.put(1)


class PostgresCommands(msgspec.Struct, frozen=True):
    """Port `Commands`."""

    connection: AsyncConnection

    async def put(self, *commands: Command) -> None:
        """Into the outbox, to be published after the commit."""
        await self.connection.exec_driver_sql(PUT, outbox.columns(wire.command_messages(commands)))
