"""App webhook endpoint: one signed POST for each try, bounded in time and in what is read of the answer.

www.standardwebhooks.com: `webhook-id`, `webhook-timestamp` and `webhook-signature` over the raw body. While a secret is
rolled each message bears a signature of both.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec
from standardwebhooks import Webhook

from egpay.adapters.retry_after import parse_retry_after
from egpay.adapters.tls_trust import tls_context
from egpay.domain.errors import Defect
from egpay.ports.app_deliveries import AppAnswer, AppMessage
from egpay.ports.clock import Clock

TIMEOUT = 10.0
"""Seconds for a whole try, whatever the endpoint does meanwhile."""
READ_MOST = 16 * 1024
"""Bytes of an answer's body that are read so that the connection can be used again; their content is not looked at."""


@dataclass(frozen=True, slots=True)
class StandardWebhooksEndpoint:
    """Port `AppEndpoint` over HTTP; follows no redirect, because it would carry the news elsewhere."""

    url: str
    webhooks: tuple[Webhook, ...] = field(repr=False)
    client: httpx.AsyncClient = field(repr=False)
    clock: Clock
    timeout: float = TIMEOUT

    @classmethod
    def connect(
        cls, *, url: str, secrets: Sequence[str], clock: Clock, timeout: float = TIMEOUT
    ) -> "StandardWebhooksEndpoint":
        """Sign with each of these `whsec_...`, newest first; raises Defect when one is malformed."""
        client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, verify=tls_context())
        return cls(
            url=url, webhooks=tuple(map(_webhook, secrets)), client=client, clock=clock, timeout=timeout
        )

    async def post(self, message: AppMessage) -> AppAnswer:
        """Post it under its own id; what went wrong on the way is an answer without a status."""
        now = self.clock()
        body = _body(message.payload)
        headers = {"content-type": "application/json", **self._signed(message, body, now)}
        try:
            async with asyncio.timeout(self.timeout):
                return await self._answered(body, headers, now)
        except TimeoutError:
            return AppAnswer(reason="no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, AttributeError) as fault:
            return AppAnswer(reason=f"out of reach: {type(fault).__name__}")

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    async def _answered(self, body: bytes, headers: dict[str, str], now: datetime) -> AppAnswer:
        async with self.client.stream("POST", self.url, content=body, headers=headers) as answer:
            status, retry_after = answer.status_code, parse_retry_after(answer.headers, at=now)
            read = 0
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > READ_MOST:
                    break
        reason = "" if 200 <= status < 300 else f"answered {status}"
        return AppAnswer(status=status, reason=reason, retry_after=retry_after)

    def _signed(self, message: AppMessage, body: bytes, at: datetime) -> dict[str, str]:
        signatures = (one.sign(message.id, at, body.decode()) for one in self.webhooks)
        return {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _webhook(secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except Exception:  # noqa: BLE001 - the library raises differently for an empty and a garbled secret
        raise Defect("the product's secret is not of the form whsec_<base64>") from None


def _body(payload: bytes) -> bytes:
    """The message of the broker in the envelope of Standard Webhooks: type, timestamp and data."""
    data: dict[str, Any] = msgspec.json.decode(payload)
    kind, occurred_at = data.pop("type"), data.pop("occurred_at")
    return msgspec.json.encode({"type": kind, "timestamp": occurred_at, "data": data})
