"""Reconciliation state: cursors, findings and inbox look-ups for finding what no webhook reported."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.ports.inbox import Disposition, Receipt


class FindingKind(StrEnum):
    """Finding kind: why an event or an object is reported by the reconciliation."""

    MISSED = "missed"
    """No webhook delivered the event."""
    LATE = "late"
    """The event was missing, and its webhook came after all."""
    REJECTED = "rejected"
    """The webhook is stored, but could not be translated."""
    VERSION = "version"
    """The same, and it is rendered in another API version than our translation's."""
    STALE = "stale"
    """No event reported it: the provider's object differs from our books."""
    LOST = "lost"
    """The message was published and never processed; it is published again."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Finding: one thing no webhook brought; `what` explains it in a sentence without personal data."""

    kind: FindingKind
    event_id: MessageId
    type: str
    what: str
    occurred_at: datetime
    sale_id: SaleId | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Inbox entry of an event; `aside` when it is dead-lettered."""

    disposition: Disposition
    aside: bool = False


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Cursor of a sweep: everything before `since` was read.

    `succeeded_at` is when the last complete sweep ended.
    """

    since: datetime
    succeeded_at: datetime | None = None


class OpenSale(msgspec.Struct, frozen=True):
    """Open sale: its Checkout session should have ended by now."""

    sale_id: SaleId
    session_id: SessionId


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Missed webhooks: how many events no webhook brought, and when the last of them was found."""

    missed: int
    found_at: datetime | None = None


class ReconciliationState(Protocol):
    """Reconciliation state: our side of the comparison; each method raises Outage without the database."""

    async def cursor(self, sweep: str) -> Cursor | None:
        """Load the cursor of a sweep; None before the first."""
        ...

    async def move(self, sweep: str, cursor: Cursor) -> None:
        """Store the cursor of a sweep."""
        ...

    async def known(self, ids: Sequence[MessageId]) -> dict[MessageId, Known]:
        """Those of these events that are in our inbox, by id."""
        ...

    async def open_sales(self, *, since: datetime | None, until: datetime) -> Sequence[OpenSale]:
        """Open sales whose Checkout is due for a check between these moments; all of them without `since`."""
        ...

    async def news(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Those of these receipts whose content our books do not have yet."""
        ...

    async def awaited(self, sales: Sequence[SaleId]) -> frozenset[SaleId]:
        """Those of these sales for which an event of the provider is accepted and not yet in the books."""
        ...

    async def keep(self, findings: Sequence[Finding]) -> None:
        """Store findings, each event once."""
        ...

    async def came_late(self) -> Sequence[Finding]:
        """Findings whose webhook has come since; each is returned once."""
        ...

    async def silence(self, *, since: datetime) -> Silence:
        """Events found since then that no webhook has delivered until now."""
        ...


class LeaderLock(Protocol):
    """Leader lock: lets one process of many do the work at a time."""

    def held(self) -> AbstractAsyncContextManager[bool]:
        """True in the process that leads, while the block lasts; raises Outage without the database."""
        ...
