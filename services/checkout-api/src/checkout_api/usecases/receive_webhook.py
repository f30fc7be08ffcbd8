"""Webhook intake: verifies a webhook's signature and stores it before it is acknowledged."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from egpay.ports.clock import Clock
from egpay.ports.inbox import Receipt
from egpay.ports.webhooks import WebhookReader

StoreReceipt: TypeAlias = Callable[[Receipt], Awaitable[None]]
"""Store a webhook: return when it is on disk (also when it was already); raise Outage when it cannot be."""


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """Verifies the sender by its signature, then stores the webhook once: known, unknown or not ours.

    Nothing of an unverified body is stored.
    """

    reader: WebhookReader
    store: StoreReceipt
    clock: Clock
    trace: Callable[[], str | None] = lambda: None
    """The W3C `traceparent` of this request, for the messages it leads to."""
    count: Callable[[Receipt], None] = lambda _: None
    """Called with each webhook that was stored."""

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Verify and store; exact bytes, header names in lower case. Raises BadSignature, BadBody, or Outage."""
        receipt = self.reader.read(body, headers, at=self.clock())
        await self.store(msgspec.structs.replace(receipt, traceparent=self.trace()))
        self.count(receipt)
