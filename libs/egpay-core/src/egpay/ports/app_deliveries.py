"""App deliveries: the newest news of each object on its way to the product's endpoint, and the endpoint itself.

        (no row) --news--> WAITING --claim--> LEASED --taken--> DELIVERED
                              ^                 |                   |
                              +--postponed------+                   |
                              +--newer news, or a replay------------+

A row holds one object, so that an older version that was not delivered is replaced by the newer one.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, OrganisationId


class AppMessage(msgspec.Struct, frozen=True, kw_only=True):
    """App message: one version of an object as the product is told it, with how long and how often it was tried.

    `id` is the same in each try; `payload` is the message as it is on the broker, `waited` seconds since it was due.
    """

    object: str
    id: MessageId
    payload: bytes
    tries: int = 1
    waited: float = 0.0


class AppAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """App answer: what became of one try; `status` is None when there was no answer, `reason` is for people."""

    status: int | None = None
    reason: str = ""
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the product has it."""
        return self.status is not None and 200 <= self.status < 300


class AppBacklog(msgspec.Struct, frozen=True, kw_only=True):
    """App backlog: what is not delivered, since when the oldest waits, and what the last failed try said."""

    waiting: int = 0
    oldest_seconds: float = 0.0
    oldest: str | None = None
    status: int | None = None
    reason: str | None = None
    tried_at: datetime | None = None
    next_at: datetime | None = None


class AppEndpoint(Protocol):
    """App endpoint: the product's own address for news."""

    async def post(self, message: AppMessage) -> AppAnswer:
        """Post one message, signed for this moment. Raises nothing of the network: an answer says what happened."""
        ...


class AppDeliveries(Protocol):
    """App deliveries, worked on by several workers; raises Outage when the database is away."""

    async def claim(self, *, most: int, lease: float) -> Sequence[AppMessage]:
        """Lease what is due, the longest due first, for so many seconds; no other worker gets it meanwhile."""
        ...

    async def delivered(self, message: AppMessage, answer: AppAnswer) -> None:
        """Store that the product has it, and end the lease; newer news that came meanwhile stays due."""
        ...

    async def postpone(self, message: AppMessage, answer: AppAnswer, *, delay: float) -> None:
        """Store why it was not taken, and when it is due again; newer news that came meanwhile stays due."""
        ...

    async def hasten(self) -> int:
        """Make due at once what no answer or an outage postponed, because the endpoint answers again; how much."""
        ...

    async def backlog(self) -> AppBacklog:
        """What waits."""
        ...


class AppDeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """App delivery state of one object, for the operator; `delivered_at` is None while it waits."""

    version: int
    delivered_at: datetime | None = None
    tries: int = 0
    status: int | None = None
    reason: str | None = None
    next_at: datetime | None = None


class AppReplay(Protocol):
    """App replay: makes what the product was told due again, in one transaction."""

    async def count(self, organisation: OrganisationId | None, since: datetime | None) -> int:
        """How many objects there are: all, or those of an organisation, or those told since then."""
        ...

    async def tell_again(
        self, organisation: OrganisationId | None, since: datetime | None, *, mark: str
    ) -> int:
        """Make them due at once, and publish them, under ids that end in this mark; return how many."""
        ...

    async def note(self, entry: Entry) -> None:
        """Add a timeline entry."""
        ...


OpenAppReplay: TypeAlias = Callable[[], AbstractAsyncContextManager[AppReplay]]
"""Open a transaction. Raises Outage when the database does not answer."""
