"""Provider status: the pause a provider asked for and since when it refuses us, shared by all processes."""

from datetime import datetime
from typing import Protocol

import msgspec


class ProviderState(msgspec.Struct, frozen=True, kw_only=True):
    """Provider state: `paused_for` seconds from now, and the refusal of us that no success has ended yet."""

    name: str
    paused_for: float = 0.0
    pause_reason: str | None = None
    refused_since: datetime | None = None
    refusal: str | None = None


class ProviderStatus(Protocol):
    """Provider status: one provider's pause and refusal.

    Raises Outage when the storage is away.
    """

    async def state(self) -> ProviderState:
        """The state at this moment."""
        ...

    async def pause(self, seconds: float, *, reason: str) -> None:
        """Store that all requests wait for so many seconds; it never shortens a longer pause."""
        ...

    async def refused(self, reason: str) -> bool:
        """Store that the provider refuses us; True when it did not before, so that one alarm is raised."""
        ...

    async def accepted(self) -> None:
        """Store that the provider accepts us again."""
        ...
