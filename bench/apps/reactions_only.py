"""billing-worker without its effects: events are claimed, folded, saved, and their commands published; no letter is
written and no parcel ordered, for the mail server and the warehouse are not what is measured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from billing_worker.app import COMMAND_LINGER
from billing_worker.inbound.event_consumer import EventConsumer
from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.dead_letters import PostgresDeadLetters
from egpay.adapters.postgres.outbox import PostgresOutbox, PostgresPublishedMessages
from egpay.adapters.system.clock import utc_now
from egpay.outbox.relay import Relay
from egpay.runtime.serving import run
from egpay.runtime.supervisor import Supervisor
from egpay.settings import from_env
from egpay.telemetry.metrics import Metrics


def create() -> Any:
    """The event loop and the relay of the worker, alive from an ASGI server's startup to its shutdown."""
    life = _life(from_env(BillingWorkerSettings))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await receive()
        async with life():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return app


def _life(settings: BillingWorkerSettings) -> Any:
    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        metrics = Metrics()
        nats = Connection(
            settings.nats_url.reveal(),
            name="reactions-only",
            inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix,
        )
        async with (
            create_pool(settings.database_url.reveal(), name="reactions-only") as pool,
            Supervisor() as tasks,
        ):
            await nats.open()
            relay = Relay(
                PostgresOutbox(pool),
                JetStreamPublisher(nats),
                linger=COMMAND_LINGER,
                on_batch=metrics.relay_batch.observe,
            )
            source = JetStreamSource(nats)
            events = EventConsumer(
                source,
                PostgresBooks(pool),
                PostgresDeadLetters(pool),
                PostgresPublishedMessages(pool),
                relay.wake,
                metrics,
                utc_now,
            )
            tasks.start("relay", relay.run)
            tasks.start("reactions", events.run)
            yield
            source.stop()
        await nats.close()

    return life


if __name__ == "__main__":
    settings = from_env(BillingWorkerSettings)
    run("bench.apps.reactions_only:create", service="reactions-only", host=settings.host, port=settings.port)
