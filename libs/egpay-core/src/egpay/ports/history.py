"""What a provider still knows of what it told us, and how its objects stand now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.values import SessionId
from egpay.ports.inbox import Receipt


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the provider remembers, read as a webhook would be; `pending` counts the endpoints that have not
    taken it yet, as far as the provider still tries or has given up."""

    receipt: Receipt
    pending: int = 0


class Window(msgspec.Struct, frozen=True):
    """A span of time, from `since` on and before `until`; without end when that is None."""

    since: datetime
    until: datetime | None = None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a list; `after` is where the next part begins, None at the end."""

    told: Sequence[ProviderEvent]
    after: str | None = None


class ProviderHistory(Protocol):
    """Stripe today. Keeps its own pace, far below the provider's limits. Every method raises Outage when the provider
    does not answer, also when asked again."""

    @property
    def version(self) -> str:
        """The API version that our translation was written for."""
        ...

    async def events(self, window: Window, after: str | None) -> EventPage:
        """Events of the types we listen to, newest first, as far back as the provider remembers."""
        ...

    async def session(self, session_id: SessionId) -> Sequence[Receipt]:
        """What a Checkout session and its subscription have come to; nothing while it is open or unknown."""
        ...

    async def subscriptions(self, after: str | None) -> EventPage:
        """How every subscription stands at this moment."""
        ...

    async def paid_invoices(self, after: str | None) -> EventPage:
        """Every invoice that was paid."""
        ...
