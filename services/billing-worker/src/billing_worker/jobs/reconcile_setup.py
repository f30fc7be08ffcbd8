"""Composes the reconcile job, the archive job and the listener for messages that the broker gave up delivering."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from billing_worker.jobs.archive_prices import ArchivePricesJob
from billing_worker.jobs.reconcile import ReconcileJob, ReconcileMetrics
from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.nats.advisories import NatsAdvisories
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.provision import JetStreamIdleConsumers
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.installation import PostgresInstallation
from egpay.adapters.postgres.operator.dead_letter_advisories import PostgresDeadLetterAdvisories
from egpay.adapters.postgres.outbox import PostgresPublishedMessages
from egpay.adapters.postgres.provider_status import PostgresProviderStatus
from egpay.adapters.postgres.reconciliation import PostgresLeaderLock, PostgresReconciliationState
from egpay.adapters.postgres.replaced_prices import PostgresReplacedPrices
from egpay.adapters.stripe.inbound.webhooks import is_live
from egpay.adapters.stripe.outbound.catalogue import StripeCatalogue
from egpay.adapters.stripe.outbound.client import StripeApi
from egpay.adapters.stripe.outbound.history import StripeHistory
from egpay.adapters.stripe.outbound.rate_limited_calls import RateLimitedCalls
from egpay.adapters.system.clock import utc_now
from egpay.provider_calls import ProviderCalls
from egpay.reconciliation import CompareObjects, PollEvents, Republish, RepublishWhenIdle
from egpay.telemetry.metrics import Metrics

SETTLE = 120
"""Seconds that a webhook has to arrive by itself, or the interval where that is shorter."""


@dataclass(frozen=True, slots=True)
class RecoveryClients:
    """Clients that recovery shares with the rest of the worker."""

    pool: Pool
    nats: Connection
    stripe: StripeApi


def recovery_tasks(
    settings: BillingWorkerSettings, clients: RecoveryClients, metrics: Metrics
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """Build the tasks by name, for the supervisor; `RECONCILE_SECONDS=0` leaves the reconciler out."""
    advisories = NatsAdvisories(clients.nats)
    given_up = PostgresDeadLetterAdvisories(clients.pool, metrics.count_dead_letter)

    async def listen() -> None:
        await advisories.run(given_up.keep)

    tasks: dict[str, Callable[[], Awaitable[None]]] = {
        "advisories": listen,
        "archiving": _archive_job(settings, clients, metrics).run,
    }
    if settings.reconcile_seconds:
        tasks["reconciler"] = _job(settings, clients, metrics).run
    return tasks


def _archive_job(
    settings: BillingWorkerSettings, clients: RecoveryClients, metrics: Metrics
) -> ArchivePricesJob:
    installation = PostgresInstallation(clients.pool)
    paced = RateLimitedCalls(calls=ProviderCalls(PostgresProviderStatus(clients.pool, "stripe"), metrics))

    async def archive(price: str) -> str | None:
        catalogue = StripeCatalogue(clients.stripe, await installation.load())
        return await paced(lambda: catalogue.archive(price))

    return ArchivePricesJob(
        prices=PostgresReplacedPrices(clients.pool),
        archive=archive,
        leadership=PostgresLeaderLock(settings.database_url.reveal(), "archive-prices"),
        clock=utc_now,
    )


def _job(settings: BillingWorkerSettings, clients: RecoveryClients, metrics: Metrics) -> ReconcileJob:
    history = StripeHistory(
        api=clients.stripe,
        live=is_live(settings.stripe_secret_key.reveal()),
        clock=utc_now,
        pace=RateLimitedCalls(calls=ProviderCalls(PostgresProviderStatus(clients.pool, "stripe"), metrics)),
    )
    ledger = PostgresReconciliationState(clients.pool)
    inbox = PostgresInbox(clients.pool, on_dead_letter=metrics.count_dead_letter)
    settle = timedelta(seconds=min(SETTLE, settings.reconcile_seconds))
    republish = RepublishWhenIdle(
        Republish(PostgresPublishedMessages(clients.pool), ledger),
        JetStreamIdleConsumers(clients.nats),
        ledger,
        utc_now,
        kept=timedelta(days=min(settings.keep_published_days, settings.keep_processed_days)),
    )
    return ReconcileJob(
        poll=PollEvents(history, ledger, inbox, utc_now, settle=settle),
        compare=CompareObjects(history, ledger, inbox, utc_now, metrics.count_webhook),
        republish=republish,
        ledger=ledger,
        leadership=PostgresLeaderLock(settings.database_url.reveal(), "reconcile"),
        clock=utc_now,
        interval=timedelta(seconds=settings.reconcile_seconds),
        metrics=ReconcileMetrics(metrics),
    )
