"""In-memory status of a provider."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from egpay.adapters.system.clock import utc_now
from egpay.ports.clock import Clock
from egpay.ports.provider_status import ProviderState


@dataclass(slots=True)
class MemoryProviderStatus:
    """Port `ProviderStatus` of one provider; its clock is the test's."""

    name: str = "warehouse"
    clock: Clock = utc_now
    known: ProviderState = field(init=False)
    paused_until: datetime | None = None

    def __post_init__(self) -> None:
        """Begin without trouble."""
        self.known = ProviderState(name=self.name)

    async def state(self) -> ProviderState:
        """The state at this moment."""
        left = (self.paused_until - self.clock()).total_seconds() if self.paused_until else 0.0
        return msgspec.structs.replace(self.known, paused_for=max(left, 0.0))

    async def pause(self, seconds: float, *, reason: str) -> None:
        """Pause until the later of two ends."""
        until = self.clock() + timedelta(seconds=seconds)
        if self.paused_until is None or self.paused_until < until:
            self.paused_until = until
            self.known = msgspec.structs.replace(self.known, pause_reason=reason)

    async def refused(self, reason: str) -> bool:
        """Store the newest refusal, and since when there is one."""
        first = self.known.refused_since is None
        since = self.known.refused_since or self.clock()
        self.known = msgspec.structs.replace(self.known, refused_since=since, refusal=reason)
        return first

    async def accepted(self) -> None:
        """End the refusal."""
        self.known = msgspec.structs.replace(self.known, refused_since=None, refusal=None)
