"""What a provider tells us is kept for good before we say thank you."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from egpay.ports.clock import Clock
from egpay.ports.inbox import Receipt
from egpay.ports.webhooks import WebhookReader

Keep: TypeAlias = Callable[[Receipt], Awaitable[None]]
"""Return when a webhook is on disk (also when it was already); raise Outage when it cannot be."""


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """Believe a webhook only when its signature proves who sent it, then keep it: known, unknown or not ours, once.

    Nothing of a body that is not proven is kept.
    """

    reader: WebhookReader
    keep: Keep
    clock: Clock
    trace: Callable[[], str | None] = lambda: None
    """The W3C `traceparent` of this request, for the messages it leads to."""
    count: Callable[[Receipt], None] = lambda _: None
    """Told of each webhook that was kept."""

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Take the exact bytes and the headers, names in lower case. Raises BadSignature, BadBody, or Outage."""
        receipt = self.reader.read(body, headers, at=self.clock())
        await self.keep(msgspec.structs.replace(receipt, traceparent=self.trace()))
        self.count(receipt)
