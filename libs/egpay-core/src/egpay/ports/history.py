"""Provider history: lists the provider's past events and the current state of its objects."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.values import SessionId
from egpay.ports.inbox import Receipt


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Provider event: an event from the provider's own list, translated as a webhook would be.

    `pending` counts the endpoints that have not taken it yet, whether the provider still tries or has given
    up.
    """

    receipt: Receipt
    pending: int = 0


class Window(msgspec.Struct, frozen=True):
    """Time window: from `since` (included) to `until` (excluded); without end when `until` is None."""

    since: datetime
    until: datetime | None = None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Page of a list; `after` is the cursor of the next page, None at the end."""

    told: Sequence[ProviderEvent]
    after: str | None = None


class ProviderList(StrEnum):
    """Provider list: objects that a snapshot lists; of some nothing follows yet, and they are recorded."""

    DISPUTES = "disputes"
    REFUNDS = "refunds"
    OPEN_REVIEWS = "open reviews"
    WARNINGS = "early fraud warnings"
    CREDIT_NOTES = "credit notes"
    OPEN_INVOICES = "open invoices"


class ProviderHistory(Protocol):
    """Provider history: reads the provider's lists (Stripe today), rate-limited far below its limits.

    Every method raises Outage when the provider does not answer, also after retries.
    """

    @property
    def version(self) -> str:
        """The API version for which our translation is written."""
        ...

    async def events(self, window: Window, after: str | None) -> EventPage:
        """Events of the types we subscribe to, newest first, as far back as the provider stores them."""
        ...

    async def session(self, session_id: SessionId) -> Sequence[Receipt]:
        """Outcome of a Checkout session and its subscription; empty while the session is open or unknown."""
        ...

    async def subscriptions(self, after: str | None) -> EventPage:
        """The current state of every subscription."""
        ...

    async def paid_invoices(self, after: str | None) -> EventPage:
        """Every paid invoice."""
        ...

    async def recorded(self, objects: ProviderList, after: str | None) -> EventPage:
        """The current state of every object of a list; from what nothing follows yet, an ignored receipt."""
        ...
