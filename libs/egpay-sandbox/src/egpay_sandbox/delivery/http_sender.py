"""HTTP sender: one POST that ends as a 2xx within the time limit or as a failure with its reason."""

import asyncio
import ssl
from functools import cache

import httpx

from egpay_sandbox.clock import Clock
from egpay_sandbox.delivery.delivery_log import DeliveryAttempt
from egpay_sandbox.delivery.outbound_requests import OutboundRequest


@cache
def tls_context() -> ssl.SSLContext:
    """Builds one TLS context for the process, because reading the root certificates takes 30 ms."""
    return ssl.create_default_context()


class HttpSender:
    """HTTP client that ignores proxies and redirects, as Stripe does; `timeout` is seconds."""

    def __init__(self, clock: Clock, timeout: float, limit: int) -> None:
        self._clock = clock
        self._timeout = timeout
        limits = httpx.Limits(max_connections=limit, max_keepalive_connections=limit)
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False, limits=limits, verify=tls_context())

    async def send(self, request: OutboundRequest, chaos: str | None = None) -> DeliveryAttempt:
        """Sends a request and records the attempt; a failure is a result too."""
        started = self._clock.wall()
        status: int | None = None
        error: str | None = None
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.post(request.url, content=request.body, headers=request.headers)
            status = response.status_code
        except TimeoutError:
            error = f"no answer within {self._timeout:g} s"
        except Exception as failure:  # noqa: BLE001 - a receiver that dies while we connect may end in any of them
            error = f"{type(failure).__name__}: {failure}"
        seconds = round(self._clock.wall() - started, 4)
        return DeliveryAttempt(at=started, seconds=seconds, status=status, error=error, chaos=chaos)

    async def close(self) -> None:
        """Closes all connections."""
        await self._http.aclose()
