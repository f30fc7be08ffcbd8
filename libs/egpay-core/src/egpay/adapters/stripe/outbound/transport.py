"""HTTP transport of Stripe's SDK over httpx: asynchronous, with a timeout, without warnings.

It replaces `stripe.HTTPXClient`, which passes its form to httpx in a way that httpx deprecates, and so fails
wherever warnings are errors.
"""

import asyncio
from collections.abc import Mapping

import httpx
import stripe

from egpay.adapters.tls_trust import tls_context


class Transport(stripe.HTTPClient):
    """Sends the SDK's requests over httpx; the SDK itself retries what `should_retry` allows."""

    name = "httpx"

    def __init__(self, timeout: float) -> None:
        """`timeout` is the seconds of each try; connections are opened when needed, and pooled."""
        super().__init__()
        self._httpx = httpx.AsyncClient(timeout=timeout, verify=tls_context())

    async def sleep_async(self, secs: float) -> None:
        """Sleep between two tries."""
        await asyncio.sleep(secs)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request; raises APIConnectionError, to be retried."""
        try:
            answer = await self._httpx.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as fault:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                type(fault).__name__, should_retry=True
            ) from fault
        return answer.content, answer.status_code, answer.headers

    async def close_async(self) -> None:
        """Close the connections."""
        await self._httpx.aclose()
