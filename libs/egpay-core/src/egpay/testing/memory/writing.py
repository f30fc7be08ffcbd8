"""The timeline and the commands in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.adapters import wire
from egpay.domain.commands import Command
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryTimeline:
    """Timeline over tables in memory."""

    tables: Tables

    async def note(self, *entries: Entry) -> None:
        """Add lines."""
        self.tables.note(*entries)

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """The lines of a sale, oldest first."""
        lines = self.tables.timeline.values()
        return sorted((one for one in lines if sale_id in (one.sale_id, one.subject)), key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class MemoryCommands:
    """Commands over tables in memory."""

    tables: Tables

    async def put(self, *commands: Command) -> None:
        """Into the outbox."""
        self.tables.put(*wire.command_messages(commands))
