"""Composition root of billing-worker: makes every object once, in order, and closes them in reverse."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import cast

from faststream.asgi import AsgiFastStream
from faststream.security import BaseSecurity

from billing_worker.clients import create_adapters
from billing_worker.dependencies import WorkerAdapters
from billing_worker.health import health_routes, task_check
from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.inbound.event_consumer import EventConsumer
from billing_worker.inbound.retry_recording import RetryClosingDeadLetters
from billing_worker.jobs.access_expiry import AccessExpiryJob
from billing_worker.jobs.purge import PurgeJob, ages
from billing_worker.jobs.trial_letters import TrialLetterJob
from billing_worker.jobs.unpaid_customers import UnpaidCustomersJob
from billing_worker.outbound.counted_dead_letters import CountedDeadLetters
from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN
from egpay.adapters.nats.tls import tls_context
from egpay.adapters.stripe.outbound.recorded_lists import RECORDED_TYPES
from egpay.domain.errors import Outage
from egpay.outbox.relay import Relay
from egpay.ports.dead_letters import DeadLetters
from egpay.runtime.readiness import Check, Readiness
from egpay.runtime.supervisor import Supervisor, Work
from egpay.settings import from_env
from egpay.telemetry.gauges import sample_cases, sample_consumers, sample_outbox
from egpay.telemetry.http import App, count_malformed_in
from egpay.telemetry.metrics import Metrics

COMMAND_LINGER = 0.05
"""Linger of the relay for commands, in seconds: no caller waits for an e-mail or a parcel, and at 500 events a second
publishing commands one by one took a quarter of a core."""
DRAINING = 8.0
"""Seconds that a batch in hand may take to its end when the worker is told to stop."""


def create() -> App:
    """The worker, configured by the environment: what a server process imports and runs."""
    settings = from_env(BillingWorkerSettings)
    metrics = Metrics(webhook_types=RECORDED_TYPES)
    return count_malformed_in(
        cast(App, build(settings, create_adapters(settings, metrics), metrics)), metrics
    )


def build(settings: BillingWorkerSettings, adapters: WorkerAdapters, metrics: Metrics) -> AsgiFastStream:
    """The worker over these adapters, as an ASGI application: its lifespan does the work, its routes report on it."""
    relay = Relay(
        adapters.outbox, adapters.publisher, linger=COMMAND_LINGER, on_batch=metrics.relay_batch.observe
    )
    dead_letters = CountedDeadLetters(adapters.dead_letters, metrics)
    events = _event_consumer(adapters, dead_letters, relay, metrics)
    broker = _command_broker(settings, adapters, metrics)
    relaying, reacting, recovering = (Supervisor(on_failure=_counting(metrics)) for _ in range(3))

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with adapters.opened():
            await adapters.require_topology()
            async with recovering, relaying, reacting:
                _start(recovering, {**adapters.recovery, **_jobs(settings, adapters)})
                _start(relaying, {"relay": relay.run, **_gauges(adapters, metrics)})
                _start(reacting, {"reactions": _judging_first(adapters, events)})
                yield
                adapters.source.stop()
                await reacting.finish(DRAINING)

    async def keep_taking() -> None:
        relaying.start("commands", lambda: broker.keep_taking(adapters.connected))

    readiness = Readiness(_checks(adapters, broker, relaying, reacting), adapters.degrading_checks)
    return AsgiFastStream(
        broker,
        lifespan=lifespan,
        after_startup=[keep_taking],
        asgi_routes=health_routes(readiness, metrics, broker.stuck),
        logger=None,
    )


def _event_consumer(
    adapters: WorkerAdapters, dead_letters: DeadLetters, relay: Relay, metrics: Metrics
) -> EventConsumer:
    return EventConsumer(
        source=adapters.source,
        books=adapters.books,
        dead_letters=dead_letters,
        published=adapters.published,
        wake_relay=relay.wake,
        metrics=metrics,
        clock=adapters.clock,
    )


def _judging_first(adapters: WorkerAdapters, events: EventConsumer) -> Work:
    """Consume once the settings that rules follow are stored: retried by the supervisor while the database is away."""

    async def run() -> None:
        await adapters.adopt()
        await events.run()

    return run


def _jobs(settings: BillingWorkerSettings, adapters: WorkerAdapters) -> dict[str, Work]:
    effects, clock = adapters.effects, adapters.clock
    return {
        "purging": PurgeJob(adapters.retention, ages(settings)).run,
        "customers": UnpaidCustomersJob(effects.begin, effects.payments, clock).run,
        "access": AccessExpiryJob(adapters.due_accesses, effects.inbox, clock).run,
        "trial letters": TrialLetterJob(effects.begin, clock).run,
    }


def _start(supervisor: Supervisor, tasks: Mapping[str, Work]) -> None:
    for name, work in tasks.items():
        supervisor.start(name, work)


def _gauges(adapters: WorkerAdapters, metrics: Metrics) -> dict[str, Work]:
    return {
        "outbox gauges": lambda: sample_outbox(adapters.outbox_stats, metrics),
        "case gauges": lambda: sample_cases(adapters.case_stats, metrics),
        "consumer gauges": lambda: sample_consumers(adapters.consumer_lag, metrics),
    }


def _command_broker(
    settings: BillingWorkerSettings, adapters: WorkerAdapters, metrics: Metrics
) -> CommandBroker:
    handle = CommandHandler(
        context=adapters.effects,
        published=adapters.published,
        dead_letters=RetryClosingDeadLetters(
            CountedDeadLetters(adapters.dead_letters, metrics), adapters.retries
        ),
        metrics=metrics,
        retries=adapters.retries,
    )
    servers = [server.strip() for server in settings.nats_url.reveal().split(",")]
    broker = CommandBroker(
        servers,
        inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix,
        security=BaseSecurity(ssl_context=tls_context(settings.nats_ca_file)),
        error_cb=adapters.on_broker_error,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        logger=None,
    )
    subscribe(broker, handle)
    return broker


def _counting(metrics: Metrics) -> Callable[[str], None]:
    return lambda task: metrics.task_failures.labels(task).inc()


def _checks(adapters: WorkerAdapters, broker: CommandBroker, *supervisors: Supervisor) -> Mapping[str, Check]:
    async def messages() -> None:
        if not adapters.connected() or not await broker.ping(timeout=1.0):
            raise Outage("the broker does not answer")

    return {**adapters.checks, "broker": messages, "tasks": task_check(*supervisors)}
