"""What we know of having been told, and how far we have looked: our side of finding what no webhook brought."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.ports.inbox import Disposition, Receipt


class FindingKind(StrEnum):
    """What the reconciler says about an event or an object."""

    MISSED = "missed"
    """No webhook brought it."""
    LATE = "late"
    """It was missing, and its webhook came after all."""
    REJECTED = "rejected"
    """Our door has it, but could not understand it."""
    VERSION = "version"
    """The same, and it is rendered in another API version than the one we have read."""
    STALE = "stale"
    """No event told it: the object itself stands otherwise than our books."""
    LOST = "lost"
    """We had published it, and nobody ever worked on it; it is sent again."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that had not come the usual way; `what` explains it in a sentence without personal data."""

    kind: FindingKind
    event_id: MessageId
    type: str
    what: str
    occurred_at: datetime
    sale_id: SaleId | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is in our inbox; `aside` when it lies in the dead letters."""

    disposition: Disposition
    aside: bool = False


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a sweep has come: everything before `since` was looked at. `succeeded_at` is when the last one came to
    its end."""

    since: datetime
    succeeded_at: datetime | None = None


class OpenSale(msgspec.Struct, frozen=True):
    """A sale whose Checkout should have come to an end by now."""

    sale_id: SaleId
    session_id: SessionId


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Events that no webhook brought: how many, and when the last was found. `since` bounds the look."""

    missed: int
    found_at: datetime | None = None


class ReconciliationState(Protocol):
    """Our side. Each raises Outage when the database does not answer."""

    async def cursor(self, sweep: str) -> Cursor | None:
        """How far a sweep has come; None before its first."""
        ...

    async def move(self, sweep: str, cursor: Cursor) -> None:
        """Remember it."""
        ...

    async def known(self, ids: Sequence[MessageId]) -> dict[MessageId, Known]:
        """Those of these events that are in our inbox."""
        ...

    async def open_sales(self, *, since: datetime | None, until: datetime) -> Sequence[OpenSale]:
        """Sales that wait for their Checkout and are due for a look between these moments; all without `since`."""
        ...

    async def news(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Those of these reports that our books do not say already."""
        ...

    async def awaited(self, sales: Sequence[SaleId]) -> frozenset[SaleId]:
        """Those of these sales about which the provider's own word is on its way to our books."""
        ...

    async def keep(self, findings: Sequence[Finding]) -> None:
        """Put findings on file, each event once."""
        ...

    async def came_late(self) -> Sequence[Finding]:
        """What was missing and has since been brought by its webhook; each is told once."""
        ...

    async def silence(self, *, since: datetime) -> Silence:
        """Events found since then that no webhook has brought to this day."""
        ...


class LeaderLock(Protocol):
    """One of many may do it at a time."""

    def held(self) -> AbstractAsyncContextManager[bool]:
        """True for the one who leads while the block lasts. Raises Outage when the database does not answer."""
        ...
