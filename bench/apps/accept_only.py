"""checkout-api as it is, except that nothing it has accepted is published: what accepting alone costs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from checkout_api.app import build, observed
from checkout_api.clients import create_adapters
from checkout_api.settings import CheckoutApiSettings
from egpay.runtime.serving import run
from egpay.settings import from_env
from egpay.telemetry.http import App
from egpay.telemetry.metrics import Metrics


class Idle:
    """An outbox that never holds anything for the relay."""

    async def drain_once(self, publish: Any, *, limit: int = 256) -> int:  # noqa: ARG002
        return 0

    async def mark_published(self, ids: Sequence[str]) -> None:
        """Leave them as they are."""


class Nowhere:
    """A broker that takes everything and keeps nothing."""

    async def publish_many(self, messages: Sequence[Any]) -> None:
        """Forget them."""


def create() -> App:
    """As `checkout_api.app:create`."""
    settings = from_env(CheckoutApiSettings)
    metrics = Metrics()
    return observed(
        build(
            settings, replace(create_adapters(settings, metrics), outbox=Idle(), broker=Nowhere()), metrics
        ),
        metrics,
    )


if __name__ == "__main__":
    settings = from_env(CheckoutApiSettings)
    run(
        "bench.apps.accept_only:create",
        service="accept-only",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
    )
