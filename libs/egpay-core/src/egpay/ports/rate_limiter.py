"""Rate limiter and single flight: limit the requests to a provider, shared by all workers."""

from datetime import datetime
from typing import Protocol


class RateLimiter(Protocol):
    """Rate limiter (GCRA): grants turns at a steady rate, shared by all processes.

    Raises Outage when the storage is away.
    """

    async def turn(self) -> float:
        """Take the next turn and return the seconds until it: 0 while the bucket holds one.

        Raises Outage, and takes none, when so many wait already that the wait would be too long.
        """
        ...


class SingleFlight(Protocol):
    """Single flight: sends one request to the provider for all callers that wait for its answer.

    Raises Outage when the storage is away.
    """

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:
        """Claim the request about a subject: True when the caller is to send it.

        The claim holds from now (`at`) to `until` unless it ends before. False when a request sent after
        `since` was answered, because its answer serves this caller too. Raises Outage while another caller
        waits for such an answer.
        """
        ...

    async def answered(self, subject: str) -> None:
        """Mark the last request as answered; its answer is stored."""
        ...

    async def release(self, subject: str) -> None:
        """End a request without an answer, so that the next caller may claim it."""
        ...
