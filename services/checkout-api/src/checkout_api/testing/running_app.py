"""Running app: the whole service in memory, with middleware, routes and tasks, without a port."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from checkout_api.app import build, observed
from checkout_api.clients import WEBHOOK_TYPES
from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from egpay.telemetry.http import App
from egpay.telemetry.metrics import Metrics


@asynccontextmanager
async def alive(settings: CheckoutApiSettings, adapters: Adapters) -> AsyncIterator[App]:
    """Run the ASGI application, with its lifespan in a task of its own.

    A lifespan must end in the task that began it, and pytest ends fixtures in another.
    """
    metrics = Metrics(webhook_types=WEBHOOK_TYPES)
    service = build(settings, adapters, metrics)
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with service.lifespan():
            up.set()
            await down.wait()

    life = asyncio.create_task(live())
    begun = asyncio.create_task(up.wait())
    await asyncio.wait({life, begun}, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    try:
        if not life.done():
            yield observed(service, metrics)
    finally:
        down.set()
        await life


class Answered(Protocol):
    """Response of any HTTP client."""

    @property
    def status_code(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        ...

    def json(self) -> Any:
        """The body."""
        ...


def problem_of(answer: Answered) -> tuple[int, str]:
    """Return status and word of a problem (RFC 9457); raises AssertionError when it is none."""
    body = answer.json()
    if answer.headers["content-type"] != "application/problem+json" or body["status"] != answer.status_code:
        raise AssertionError(f"not a problem: {answer.status_code} {body}")
    return answer.status_code, body["type"].rpartition("/")[2]
