"""Own messages: commands and events that use cases put into the outbox, in the transaction of what they store."""

from typing import Protocol

from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent


class Commands(Protocol):
    """Command outbox: stores commands that are decided outside the event path."""

    async def put(self, *commands: Command) -> None:
        """Put commands into the outbox; one of the same id is stored once."""
        ...


class OwnEvents(Protocol):
    """Event outbox: stores events that come with a request and not with a webhook, in the request's transaction."""

    async def put(self, *events: BillingEvent) -> None:
        """Put events into the outbox; one of the same id is stored once."""
        ...
