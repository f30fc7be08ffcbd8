"""Stripe history: lists events as its webhooks would have sent them, and objects as they are now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from egpay.adapters.stripe.inbound.envelope import conservative_now
from egpay.adapters.stripe.inbound.translated import Expanded, ref
from egpay.adapters.stripe.inbound.translation import TRANSLATIONS, translate
from egpay.adapters.stripe.inbound.webhooks import is_live
from egpay.adapters.stripe.outbound.client import StripeApi, connect, path_id, read
from egpay.adapters.stripe.outbound.current_state import CurrentState
from egpay.adapters.stripe.outbound.rate_limited_calls import RateLimitedCalls
from egpay.adapters.stripe.outbound.recorded_lists import RECORDED_LISTS
from egpay.adapters.stripe.outbound.webhook_endpoint import API_VERSION
from egpay.domain.errors import Defect
from egpay.domain.values import SessionId, SubscriptionId
from egpay.ports.clock import Clock
from egpay.ports.history import EventPage, ProviderEvent, ProviderList, Window
from egpay.ports.inbox import Receipt

LARGEST_PAGE = 100


class Listing(msgspec.Struct, frozen=True):
    """A page of a list; its objects stay raw bytes (docs.stripe.com/api/pagination)."""

    data: list[msgspec.Raw]
    has_more: bool = False


class Named(msgspec.Struct, frozen=True):
    """The id of an object, and for events the type and how many endpoints have not acknowledged it."""

    id: str
    type: str | None = None
    pending_webhooks: int = 0


class Subscribing(msgspec.Struct, frozen=True):
    """The subscription that a session led to."""

    subscription: SubscriptionId | Expanded[SubscriptionId] | None = None


@dataclass(frozen=True, slots=True)
class StripeHistory:
    """Port `ProviderHistory` over Stripe's API.

    `live` is the mode of our key; events of the other mode are ignored, as webhooks are."""

    api: StripeApi
    live: bool
    clock: Clock
    pace: RateLimitedCalls = field(default_factory=RateLimitedCalls)
    version: str = API_VERSION

    @classmethod
    def connect(cls, *, secret_key: str, clock: Clock, api_base: str | None = None) -> "StripeHistory":
        """Connect to Stripe, or to the sandbox at `api_base`."""
        return cls(api=connect(secret_key, api_base=api_base), live=is_live(secret_key), clock=clock)

    async def events(self, window: Window, after: str | None) -> EventPage:
        """`GET /v1/events`: rendered as when they were created, whichever version we ask in.

        Its filter takes 20 types and we subscribe to more, so all are listed and the others left out here."""
        listing = await self._list("/v1/events", {"created": _span(window)}, after)
        now = self.clock()
        told = [
            ProviderEvent(
                receipt=translate(bytes(raw), live=self.live, at=now), pending=named.pending_webhooks
            )
            for raw in listing.data
            if (named := read(bytes(raw), Named)).type in TRANSLATIONS
        ]
        return EventPage(told=told, after=_after(listing))

    async def session(self, session_id: SessionId) -> Sequence[Receipt]:
        """`GET /v1/checkout/sessions/{id}`, and the subscription it led to."""
        at = self._now()
        answer = await self._get(f"/v1/checkout/sessions/{path_id(session_id, 'session')}")
        receipts = CurrentState(at, self.live).session(answer) if answer else ()
        subscription = ref(read(answer, Subscribing).subscription) if answer and receipts else None
        led_to = await self._subscription(subscription) if subscription else None
        return [*receipts, *(CurrentState(at, self.live).subscription(led_to) if led_to else ())]

    async def _subscription(self, name: SubscriptionId) -> bytes | None:
        return await self._get(f"/v1/subscriptions/{path_id(name, 'subscription')}")

    async def subscriptions(self, after: str | None) -> EventPage:
        """`GET /v1/subscriptions`, including the ended ones."""
        at = self._now()
        listing = await self._list("/v1/subscriptions", {"status": "all"}, after)
        return _page(listing, CurrentState(at, self.live).subscription)

    async def paid_invoices(self, after: str | None) -> EventPage:
        """`GET /v1/invoices`, only the paid ones."""
        at = self._now()
        listing = await self._list("/v1/invoices", {"status": "paid"}, after)
        return _page(listing, CurrentState(at, self.live).paid_invoice)

    async def recorded(self, objects: ProviderList, after: str | None) -> EventPage:
        """`GET` of a list in `recorded_lists`."""
        wanted, at = RECORDED_LISTS[objects], self._now()
        listing = await self._list(wanted.path, dict(wanted.query), after)
        return _page(listing, lambda raw: CurrentState(at, self.live).listed(raw, wanted))

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    def _now(self) -> datetime:
        """The moment before the request."""
        return conservative_now(self.clock())

    async def _list(self, path: str, query: dict[str, Any], after: str | None) -> Listing:
        asked = {**query, "limit": LARGEST_PAGE, **({"starting_after": after} if after else {})}
        answer = await self._get(path, asked)
        if answer is None:
            raise Defect(f"Stripe knows no {path}, or not the place where we stopped")
        return read(answer, Listing)

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> bytes | None:
        return await self.pace(lambda: self.api.get(path, query))


def _span(window: Window) -> dict[str, int]:
    span = {"gte": int(window.since.timestamp())}
    return span if window.until is None else {**span, "lt": int(window.until.timestamp())}


def _page(listing: Listing, reading: Callable[[bytes], Sequence[Receipt]]) -> EventPage:
    told = [ProviderEvent(receipt=receipt) for raw in listing.data for receipt in reading(bytes(raw))]
    return EventPage(told=told, after=_after(listing))


def _after(listing: Listing) -> str | None:
    return read(bytes(listing.data[-1]), Named).id if listing.has_more and listing.data else None
