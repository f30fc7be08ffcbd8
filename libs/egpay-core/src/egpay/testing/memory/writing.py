"""In-memory timeline, and the outbox of commands and events."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.adapters import wire
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryTimeline:
    """Port `Timeline` over tables in memory."""

    tables: Tables

    async def note(self, *entries: Entry) -> None:
        """Append entries."""
        self.tables.note(*entries)

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """Entries of a sale, oldest first."""
        lines = self.tables.timeline.values()
        return sorted((one for one in lines if sale_id in (one.sale_id, one.subject)), key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class MemoryCommands:
    """Port `Commands` over tables in memory."""

    tables: Tables

    async def put(self, *commands: Command) -> None:
        """Insert into the outbox."""
        self.tables.put(*wire.command_messages(commands))


@dataclass(frozen=True, slots=True)
class MemoryOwnEvents:
    """Port `OwnEvents` over tables in memory."""

    tables: Tables

    async def put(self, *events: BillingEvent) -> None:
        """Insert into the outbox."""
        self.tables.put(*map(wire.event_message, events))
