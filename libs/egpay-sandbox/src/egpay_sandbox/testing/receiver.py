"""Webhook receiver in egpay's place: records every webhook and answers as scripted."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One POST as it arrived; header names are lower-case."""

    path: str
    headers: dict[str, str]
    body: bytes


def _parse_unverified(received: ReceivedWebhook) -> Any:
    return json.loads(received.body)


@dataclass
class WebhookReceiver:
    """ASGI application that records webhooks.

    `statuses` are statuses for the next posts (then 200), `delay_seconds` is seconds. `parse` turns a webhook
    into an event; pass a verifier to have signatures checked.
    """

    url: str
    parse: Callable[[ReceivedWebhook], Any] = _parse_unverified
    received: list[ReceivedWebhook] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    delay_seconds: float = 0.0

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        """Records the request and answers it."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.received.append(ReceivedWebhook(scope["path"], headers, body))
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        status = self.statuses.pop(0) if self.statuses else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def events(self, path: str = "/webhooks/stripe") -> list[Any]:
        """Lists the Stripe events received so far, in order of arrival."""
        return [self.parse(received) for received in self.received if received.path == path]

    def types(self) -> list[str]:
        """Lists their types."""
        return [event["type"] for event in self.events()]
