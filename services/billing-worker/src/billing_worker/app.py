"""Composition root of billing-worker: makes every object once, in order, and closes them in reverse."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import parseaddr

from faststream.asgi import AsgiFastStream

from billing_worker.clients import Clients, create_clients
from billing_worker.health import database_check, health_routes, task_check
from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.inbound.event_consumer import EventConsumer
from billing_worker.jobs.purge import PurgeJob, ages
from billing_worker.jobs.reconcile_setup import recovery_tasks
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.rate_limited_payments import RateLimitedPayments
from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.nats.provision import lag, lag_of
from egpay.adapters.nats.publisher import JetStreamPublisher as Publisher
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.dead_letters import PostgresDeadLetters
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.outbox import PostgresOutbox
from egpay.adapters.postgres.provider_lookups import PostgresSingleFlight
from egpay.adapters.postgres.published import PostgresPublishedMessages
from egpay.adapters.postgres.purge import PostgresRetention
from egpay.adapters.postgres.rate_limiter import PostgresRateLimiter
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.system.clock import utc_now
from egpay.adapters.system.ids import new_token
from egpay.domain.errors import Outage
from egpay.outbox.relay import Relay
from egpay.ports.dead_letters import DeadLetters
from egpay.runtime.readiness import Check, Readiness
from egpay.runtime.supervisor import Supervisor, Work
from egpay.settings import from_env
from egpay.telemetry.gauges import sample_consumers, sample_outbox
from egpay.telemetry.metrics import Metrics

COMMAND_LINGER = 0.05
"""Linger of the relay for commands, in seconds: no caller waits for an e-mail or a parcel, and at
500 events a second publishing commands one by one took a quarter of a core."""
DRAINING = 8.0
"""Seconds that a batch in hand may take to its end when the worker is told to stop."""


def create() -> AsgiFastStream:
    """The worker, configured by the environment: what a server process imports and runs."""
    return build(from_env(BillingWorkerSettings))


def build(settings: BillingWorkerSettings) -> AsgiFastStream:
    """The worker as an ASGI application: its lifespan does the work, its routes tell how it is."""
    metrics = Metrics()
    clients = create_clients(settings, metrics)
    outbox = PostgresOutbox(clients.pool)
    relay = Relay(
        outbox, Publisher(clients.nats), linger=COMMAND_LINGER, on_batch=metrics.relay_batch.observe
    )
    dead_letters = PostgresDeadLetters(clients.pool)
    source = JetStreamSource(clients.nats)
    events = EventConsumer(source, PostgresBooks(clients.pool), dead_letters, relay.wake, metrics, utc_now)
    broker = _command_broker(settings, clients, dead_letters, metrics)
    relaying, reacting, recovering = (Supervisor(on_failure=_counting(metrics)) for _ in range(3))
    recovery = _recovery(settings, clients, metrics)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with clients.opened():
            await lag(settings.nats_url.reveal())  # refuse to start on a broker that was never prepared
            async with recovering, relaying, reacting:
                _start(recovering, recovery)
                _start(relaying, {"relay": relay.run, **_gauges(outbox, clients, metrics)})
                _start(reacting, {"reactions": events.run})
                yield
                source.stop()
                await reacting.finish(DRAINING)

    async def keep_taking() -> None:
        relaying.start("commands", lambda: broker.keep_taking(lambda: clients.nats.connected))

    checks = _checks(clients, broker, relaying, reacting)
    return AsgiFastStream(
        broker,
        lifespan=lifespan,
        after_startup=[keep_taking],
        asgi_routes=health_routes(Readiness(checks), metrics, broker.stuck),
        logger=None,
    )


def _start(supervisor: Supervisor, tasks: Mapping[str, Work]) -> None:
    for name, work in tasks.items():
        supervisor.start(name, work)


def _gauges(outbox: PostgresOutbox, clients: Clients, metrics: Metrics) -> dict[str, Work]:
    return {
        "outbox gauges": lambda: sample_outbox(outbox, metrics),
        "consumer gauges": lambda: sample_consumers(lambda: lag_of(clients.nats), metrics),
    }


def _recovery(settings: BillingWorkerSettings, clients: Clients, metrics: Metrics) -> dict[str, Work]:
    purging = PurgeJob(PostgresRetention(clients.pool), ages(settings)).run
    return {**recovery_tasks(settings, clients, metrics), "purging": purging}


def _world(settings: BillingWorkerSettings, clients: Clients) -> EffectContext:
    return EffectContext(
        begin=unit_of_work(clients.engine),
        mail=clients.mail,
        letters=clients.letters,
        warehouse=clients.warehouse,
        payments=RateLimitedPayments(
            clients.payments,
            PostgresRateLimiter(clients.pool, "stripe", settings.stripe_questions_per_second),
        ),
        questions=PostgresSingleFlight(clients.pool),
        inbox=PostgresInbox(clients.pool),
        clock=utc_now,
        new_token=new_token,
        mail_domain=parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost",
    )


def _command_broker(
    settings: BillingWorkerSettings, clients: Clients, dead_letters: DeadLetters, metrics: Metrics
) -> CommandBroker:
    world, sent = _world(settings, clients), PostgresPublishedMessages(clients.pool)
    commands = CommandHandler(world=world, sent=sent, dead_letters=dead_letters, metrics=metrics)
    servers = [server.strip() for server in settings.nats_url.reveal().split(",")]
    broker = CommandBroker(servers, max_reconnect_attempts=-1, reconnect_time_wait=1, logger=None)
    subscribe(broker, commands)
    return broker


def _counting(metrics: Metrics) -> Callable[[str], None]:
    return lambda task: metrics.task_failures.labels(task).inc()


def _checks(clients: Clients, broker: CommandBroker, *supervisors: Supervisor) -> Mapping[str, Check]:
    async def messages() -> None:
        if not clients.nats.connected or not await broker.ping(timeout=1.0):
            raise Outage("the broker does not answer")

    return {"database": database_check(clients.pool), "broker": messages, "tasks": task_check(*supervisors)}
