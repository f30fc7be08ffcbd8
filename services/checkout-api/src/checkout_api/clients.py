"""Production adapters of checkout-api: PostgreSQL, NATS and Stripe, connected late and closed in order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from checkout_api.dependencies import Adapters
from checkout_api.http.static_site import SiteFile, load_storefront
from checkout_api.lazy_stripe import LazyStripe
from checkout_api.settings import CheckoutApiSettings
from checkout_api.usecases.checkout_sessions import OpenCheckout
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.permissions import CHECKOUT_API_LOGIN
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import Engine, Pool, create_engine, create_pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.adapters.postgres.granted_accesses import PostgresGrantedAccesses
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.installation import PostgresInstallation
from egpay.adapters.postgres.outbox import PostgresOutbox
from egpay.adapters.postgres.provider_status import PostgresProviderStatus
from egpay.adapters.postgres.sale_versions import PostgresSaleVersions
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.stripe.inbound.translation import TRANSLATIONS
from egpay.adapters.stripe.inbound.webhooks import StripeWebhooks, is_live
from egpay.adapters.system.clock import utc_now
from egpay.adapters.system.ids import new_customer_token, new_portal_link_id, new_sale_id
from egpay.adapters.warehouse.reader import PROGRESS, WarehouseWebhooks
from egpay.domain.errors import Defect, Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId
from egpay.ports.payments import CheckoutSession
from egpay.provider_calls import ProviderCalls
from egpay.runtime.readiness import Check
from egpay.telemetry.metrics import Metrics

NAME = "checkout-api"
WEBHOOK_TYPES = TRANSLATIONS.keys() | PROGRESS.keys()
"""Types of webhooks that metrics name; a sender's other types count as one."""
ORDER_QUEUE_SECONDS = 15.0
"""Seconds an order queues for a connection before it is refused: a buyer rather waits than orders again.

Of 100 orders at once 27 were refused after two seconds, behind eight connections that were never idle. Webhooks queue
elsewhere, because their sender comes again by itself."""


def create_adapters(settings: CheckoutApiSettings, metrics: Metrics) -> Adapters:
    """Make every client, connecting to nothing yet: the service starts, and says it is not ready, while the database
    or the broker is away. Call it within the event loop that will use them."""
    database = settings.database_url.reveal()
    engine = create_engine(database, name=NAME, queue_timeout=ORDER_QUEUE_SECONDS)
    pool = create_pool(database, name=NAME)
    nats = Connection(
        settings.nats_url.reveal(),
        name=NAME,
        inbox_prefix=CHECKOUT_API_LOGIN.inbox_prefix,
        ca_file=settings.nats_ca_file,
        on_incident=lambda kind: metrics.broker_incidents.labels(kind).inc(),
    )
    installation = PostgresInstallation(pool)
    stripe = LazyStripe(settings, installation.load)
    calls = ProviderCalls(PostgresProviderStatus(pool, "stripe"), metrics, waits=False)
    return Adapters(
        begin=unit_of_work(engine),
        inbox=PostgresInbox(pool, on_dead_letter=metrics.count_dead_letter),
        outbox=PostgresOutbox(pool, only_events=True, on_dead_letter=metrics.count_dead_letter),
        broker=JetStreamPublisher(nats),
        accesses=PostgresGrantedAccesses(pool),
        sale_versions=PostgresSaleVersions(pool),
        create_customer=lambda sale, order, nth: calls(lambda: stripe.create_customer(sale, order, nth)),
        open_checkout=_open_checkout(stripe, calls),
        open_portal=lambda cus, key, token: calls(lambda: stripe.open_portal(cus, key, token)),
        look_at_session=lambda session: calls(lambda: stripe.look_at_session(session)),
        invoice_page=lambda invoice: calls(lambda: stripe.invoice_page(invoice)),
        stripe=_stripe_webhooks(settings, installation),
        warehouse=WarehouseWebhooks.with_secret(settings.warehouse_secret.reveal()),
        clock=utc_now,
        new_sale_id=new_sale_id,
        new_portal_link_id=new_portal_link_id,
        new_customer_token=new_customer_token,
        site=_site(settings),
        checks={"database": _database(pool)},
        degrading_checks={"broker": _broker(nats)},
        opened=lambda: _opened(pool, nats, stripe, engine, installation),
    )


def _site(settings: CheckoutApiSettings) -> Mapping[str, SiteFile]:
    """The store's files; its pages offer a withdrawal where the API takes one."""
    if settings.storefront == "off":
        return {}
    return load_storefront(sells_to="consumers" if settings.withdrawal_period else "businesses")


def _open_checkout(stripe: LazyStripe, calls: ProviderCalls) -> OpenCheckout:
    async def open_checkout(
        sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> CheckoutSession:
        return await calls(lambda: stripe.open_checkout(sale, order, customer, known=known))

    return open_checkout


def _stripe_webhooks(settings: CheckoutApiSettings, installation: PostgresInstallation) -> StripeWebhooks:
    return StripeWebhooks(
        tuple(secret.reveal() for secret in settings.stripe_webhook_secrets),
        live=is_live(settings.stripe_secret_key.reveal()),
        installation=installation.known,
    )


@asynccontextmanager
async def _opened(
    pool: Pool, nats: Connection, stripe: LazyStripe, engine: Engine, installation: PostgresInstallation
) -> AsyncIterator[None]:
    async with pool:
        stripe.warm_up()
        with suppress(Outage, Defect):  # then the first order reads it, and the worker judges until then
            await installation.load()
        await nats.open(within=1.0)
        try:
            yield
        finally:
            await nats.close()
            await stripe.aclose()
            await engine.dispose()


def _database(pool: Pool) -> Check:
    """It answers, and has the tables that this version needs."""

    async def check() -> None:
        with mapped_errors():
            if fault := await behind(pool):
                raise Outage(fault)

    return check


def _broker(nats: Connection) -> Check:
    async def check() -> None:
        if not nats.connected:
            raise Outage("not connected; webhooks are kept and wait")
        nats.require_rights()

    return check
