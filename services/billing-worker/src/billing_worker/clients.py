"""Clients of the worker: connections and pools, opened in one place and closed in reverse order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.nats.connection import Connection
from egpay.adapters.postgres.connection.engine import Engine, create_engine
from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.gateway import WarehouseGateway
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


def create_clients(settings: BillingWorkerSettings, metrics: Metrics) -> Clients:
    """Make every client from the settings. Raises Defect when one of them cannot be made of what is given."""
    database = settings.database_url.reveal()
    return Clients(
        pool=create_pool(database, name="billing-worker", size=4),
        engine=create_engine(database, name="billing-worker", size=8),
        nats=Connection(
            settings.nats_url.reveal(),
            name="billing-worker",
            on_incident=lambda kind: metrics.broker_incidents.labels(kind).inc(),
        ),
        mail=SmtpMail(settings.smtp_url.reveal(), sender=settings.mail_from),
        letters=JinjaEmailTemplates(settings.storefront_url),
        payments=StripePayments.connect(
            secret_key=settings.stripe_secret_key.reveal(),
            storefront_url=settings.storefront_url,
            clock=utc_now,
            api_base=settings.stripe_api_base,
        ),
        warehouse=WarehouseGateway.connect(
            url=settings.warehouse_url, secret=settings.warehouse_secret.reveal(), clock=utc_now
        ),
    )
