"""Clients of the worker: connections and pools, opened in one place and closed in reverse order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parseaddr

from billing_worker.dependencies import WorkerAdapters
from billing_worker.health import database_check
from billing_worker.jobs.reconcile_setup import RecoveryClients, recovery_tasks
from billing_worker.outbound.app_webhook import app_delivery_tasks
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.guarded_warehouse import GuardedWarehouse
from billing_worker.outbound.letter_templates import letter_templates
from billing_worker.outbound.rate_limited_payments import RateLimitedPayments
from billing_worker.settings import AdoptSubscriptions, BillingWorkerSettings
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN
from egpay.adapters.nats.provision import lag_of
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.case_stats import PostgresCaseStats
from egpay.adapters.postgres.connection.pool import Engine, Pool, create_engine, create_pool
from egpay.adapters.postgres.dead_letters import PostgresDeadLetters
from egpay.adapters.postgres.due_accesses import PostgresDueAccesses
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.installation import PostgresInstallation
from egpay.adapters.postgres.outbox import PostgresOutbox, PostgresPublishedMessages
from egpay.adapters.postgres.provider_lookups import PostgresSingleFlight
from egpay.adapters.postgres.provider_status import PostgresProviderStatus
from egpay.adapters.postgres.purge import PostgresRetention
from egpay.adapters.postgres.rate_limiter import PostgresRateLimiter
from egpay.adapters.postgres.retry_log import PostgresRetryLog
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.adapters.system.clock import utc_now
from egpay.adapters.system.invitation_tokens import InvitationTokens, PortalTokens
from egpay.adapters.warehouse.gateway import WarehouseGateway
from egpay.provider_calls import ProviderCalls
from egpay.runtime.readiness import Check
from egpay.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of the worker. Making them connects to nothing; `opened` does, where that is due."""

    pool: Pool
    engine: Engine
    nats: Connection
    mail: SmtpMail
    letters: JinjaEmailTemplates
    payments: StripePayments
    warehouse: WarehouseGateway

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connected for the length of the block; the broker may still be on its way when it begins."""
        async with self.pool:
            await self.nats.open()
            try:
                yield
            finally:
                await self.nats.close()
                await self.mail.aclose()
                await self.payments.aclose()
                await self.warehouse.aclose()
                await self.engine.dispose()


def create_adapters(settings: BillingWorkerSettings, metrics: Metrics) -> WorkerAdapters:
    """Make the production adapters, connecting to nothing yet. Raises Defect when a setting makes no client."""
    clients = create_clients(settings, metrics)
    outbox = PostgresOutbox(clients.pool, on_dead_letter=metrics.count_dead_letter)
    return WorkerAdapters(
        outbox=outbox,
        outbox_stats=outbox,
        case_stats=PostgresCaseStats(clients.pool),
        publisher=JetStreamPublisher(clients.nats),
        source=JetStreamSource(clients.nats),
        books=PostgresBooks(clients.pool),
        due_accesses=PostgresDueAccesses(clients.pool),
        dead_letters=PostgresDeadLetters(clients.pool),
        published=PostgresPublishedMessages(clients.pool),
        retention=PostgresRetention(clients.pool),
        retries=PostgresRetryLog(clients.pool),
        effects=_effect_context(settings, clients, metrics),
        clock=utc_now,
        consumer_lag=lambda: lag_of(clients.nats),
        require_topology=lambda: lag_of(clients.nats),
        adopt=_adopting(settings, clients),
        connected=lambda: clients.nats.connected,
        on_broker_error=clients.nats.on_error,
        recovery={
            **recovery_tasks(
                settings, RecoveryClients(clients.pool, clients.nats, clients.payments.api), metrics
            ),
            **app_delivery_tasks(settings, clients.pool, metrics),
        },
        checks={"database": database_check(clients.pool)},
        degrading_checks={"broker rights": _rights(clients.nats)},
        opened=clients.opened,
    )


def _adopting(settings: BillingWorkerSettings, clients: Clients) -> Callable[[], Awaitable[None]]:
    every = settings.adopt_subscriptions is AdoptSubscriptions.ALL
    installation = PostgresInstallation(clients.pool)

    async def store() -> None:
        await installation.adopt(every_subscription=every)
        await installation.grant_grace(days=settings.access_grace_days)
        await installation.end_refunded_subscriptions(settings.refund_ends_subscription)
        await installation.ship_after_part_refunds(settings.part_refund)

    return store


def _rights(nats: Connection) -> Check:
    async def check() -> None:
        nats.require_rights()

    return check


def _effect_context(settings: BillingWorkerSettings, clients: Clients, metrics: Metrics) -> EffectContext:
    stripe, warehouse = (
        ProviderCalls(PostgresProviderStatus(clients.pool, name), metrics) for name in ("stripe", "warehouse")
    )
    secrets = {
        "database_url": settings.database_url.reveal(),
        "provider_key": settings.stripe_secret_key.reveal(),
    }
    return EffectContext(
        begin=unit_of_work(clients.engine),
        mail=clients.mail,
        letters=clients.letters,
        warehouse=GuardedWarehouse(clients.warehouse, warehouse),
        payments=RateLimitedPayments(
            clients.payments,
            PostgresRateLimiter(clients.pool, "stripe", settings.stripe_questions_per_second),
            stripe,
        ),
        single_flight=PostgresSingleFlight(clients.pool),
        inbox=PostgresInbox(clients.pool, on_dead_letter=metrics.count_dead_letter),
        clock=utc_now,
        invitation_token=InvitationTokens(**secrets),
        portal_token=PortalTokens(**secrets),
        mail_domain=parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost",
        mails_off=frozenset(settings.mails_off),
    )


def create_clients(settings: BillingWorkerSettings, metrics: Metrics) -> Clients:
    """Make every client from the settings. Raises Defect when one of them cannot be made of what is given."""
    database = settings.database_url.reveal()
    pool = create_pool(database, name="billing-worker", size=4)
    return Clients(
        pool=pool,
        engine=create_engine(database, name="billing-worker", size=8),
        nats=Connection(
            settings.nats_url.reveal(),
            name="billing-worker",
            inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix,
            ca_file=settings.nats_ca_file,
            on_incident=lambda kind: metrics.broker_incidents.labels(kind).inc(),
        ),
        mail=SmtpMail(
            settings.smtp_url.reveal(),
            sender=settings.mail_from,
            on_refusal=lambda reason: metrics.mail_refusals.labels(reason).inc(),
        ),
        letters=letter_templates(settings),
        payments=StripePayments.connect(
            secret_key=settings.stripe_secret_key.reveal(),
            storefront_url=settings.storefront_url,
            clock=utc_now,
            api_base=settings.stripe_api_base,
            installation=PostgresInstallation(pool).load,
        ),
        warehouse=WarehouseGateway.connect(
            url=settings.warehouse_url, secret=settings.warehouse_secret.reveal(), clock=utc_now
        ),
    )
