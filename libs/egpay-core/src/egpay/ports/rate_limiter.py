"""Restraint towards a provider, shared by all workers: questions at a pace it bears, and none asked twice."""

from datetime import datetime
from typing import Protocol


class RateLimiter(Protocol):
    """A bucket of turns that fills up steadily. Raises Outage when the storage is away."""

    async def turn(self) -> float:
        """Take the next turn and return in how many seconds it is ours: 0 while the bucket holds one. Raises Outage,
        and takes none, when so many wait already that ours would be long in coming."""
        ...

    async def hold_off(self, seconds: float) -> None:
        """The provider asked for silence: nobody's turn comes before it is over."""
        ...


class SingleFlight(Protocol):
    """Which subjects were asked about, and when. Raises Outage when the storage is away."""

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:
        """True when the question is ours to ask, now (`at`), and until the time given if we do not come back with an
        answer. False when one asked after `since` was answered: it answers us too. Raises Outage while somebody else
        waits for such an answer."""
        ...

    async def answered(self, subject: str) -> None:
        """The answer to the question asked last is kept."""
        ...

    async def release(self, subject: str) -> None:
        """There was no answer: whoever comes next may ask."""
        ...
