"""Delivery log: records every attempt, as a webhook dashboard shows them."""

from collections import defaultdict
from typing import Literal

import msgspec

from egpay_sandbox.sqlite_store import SqliteStore

Channel = Literal["stripe", "warehouse"]


class DeliveryAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: when (Unix seconds), which answer in how many seconds, and what chaos did to it."""

    at: float
    seconds: float
    status: int | None = None
    error: str | None = None
    chaos: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the answer was a 2xx: only that counts."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one receiver. `subject` is the event's id, `target` the endpoint's."""

    id: str
    channel: Channel
    subject: str
    type: str
    target: str
    posted_at: float
    state: Literal["pending", "held", "delivered", "given_up", "lost"] = "pending"
    attempts: list[DeliveryAttempt] = []
    next_at: float | None = None
    copy: bool = False

    @property
    def open(self) -> bool:
        """Whether further attempts may follow."""
        return self.state in ("pending", "held")


class DeliveryLog:
    """Stores all deliveries, with an index by subject."""

    def __init__(self, sqlite_store: SqliteStore) -> None:
        self._collection = sqlite_store.collection("deliveries", WebhookDelivery)
        self._by_subject: dict[str, list[str]] = defaultdict(list)
        for delivery in self._collection:
            self._by_subject[delivery.subject].append(delivery.id)

    def store(self, delivery: WebhookDelivery) -> WebhookDelivery:
        """Stores a delivery, or its newer state."""
        if delivery.id not in self._collection:
            self._by_subject[delivery.subject].append(delivery.id)
        return self._collection.store(delivery)

    def get(self, delivery_id: str) -> WebhookDelivery | None:
        """Loads a delivery; None after a reset has removed it."""
        return self._collection.get(delivery_id)

    def for_subject(self, subject: str) -> list[WebhookDelivery]:
        """Lists all deliveries of a subject."""
        return [self._collection[delivery_id] for delivery_id in self._by_subject.get(subject, [])]

    def newest_first(self) -> list[WebhookDelivery]:
        """Lists all deliveries, newest first."""
        return self._collection.newest_first()

    def pending_count(self, subject: str) -> int:
        """Counts receivers without a 2xx, as Stripe's `pending_webhooks` does."""
        return sum(1 for d in self.for_subject(subject) if d.state != "delivered" and not d.copy)

    def clear(self) -> None:
        """Removes everything."""
        self._collection.clear()
        self._by_subject.clear()
