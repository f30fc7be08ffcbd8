"""A checkout-api in a world of the test's own: its storage in memory, and no port that must be free."""

from collections.abc import AsyncIterator

import httpx
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import CATALOGUE
from checkout_api.testing.running_app import alive
from egpay.adapters.stripe.inbound.webhooks import StripeWebhooks
from egpay.adapters.system.ids import new_customer_token, new_portal_link_id, new_sale_id
from egpay.adapters.warehouse.reader import WarehouseWebhooks
from egpay.domain.api_key import api_key_hash
from egpay.settings import Secret
from egpay.testing.broker import MemoryBroker
from egpay.testing.memory import MemoryInbox, MemoryOutbox, MemoryStore, memory_unit_of_work
from egpay.testing.memory.accesses import MemoryGrantedAccesses
from egpay.testing.memory.sale_versions import MemorySaleVersions
from egpay.testing.stripe_events import SECRET

URL = "http://api.test"
API_KEY = "egk_test_0123456789"


@pytest.fixture
def settings() -> CheckoutApiSettings:
    return CheckoutApiSettings(
        database_url=Secret("unused"),
        nats_url=Secret("unused"),
        stripe_secret_key=Secret("sk_test_unused"),
        stripe_webhook_secrets=(Secret(SECRET), Secret("whsec_the_one_before")),
        public_url="http://api.test",
        storefront_url="http://shop.test",
        cors_origins=("http://shop.test",),
        warehouse_secret=Secret("whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0"),
        checkout_rate_limit=0,
        api_keys=(Secret(f"other:{'0' * 64}"), Secret(f"app:{api_key_hash(API_KEY)}")),
    )


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def payments(clock: StandingClock) -> OnePagePerAttempt:
    return OnePagePerAttempt(clock)


@pytest.fixture
def store() -> MemoryStore:
    shelves = MemoryStore()
    shelves.tables.products.update({product.id: product for product in CATALOGUE})
    shelves.tables.prices.update({product.id: f"price_{product.id}" for product in CATALOGUE})
    return shelves


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
def world(
    settings: CheckoutApiSettings,
    clock: StandingClock,
    payments: OnePagePerAttempt,
    store: MemoryStore,
    broker: MemoryBroker,
) -> Adapters:
    return Adapters(
        begin=memory_unit_of_work(store),
        inbox=MemoryInbox(store),
        outbox=MemoryOutbox(store),
        broker=broker,
        accesses=MemoryGrantedAccesses(store),
        sale_versions=MemorySaleVersions(store),
        create_customer=payments.create_customer,
        open_checkout=payments.open_checkout,
        open_portal=payments.open_portal,
        look_at_session=payments.look_at_session,
        invoice_page=payments.invoice_page,
        stripe=StripeWebhooks(
            tuple(secret.reveal() for secret in settings.stripe_webhook_secrets), live=False
        ),
        warehouse=WarehouseWebhooks.with_secret(settings.warehouse_secret.reveal()),
        clock=clock,
        new_sale_id=new_sale_id,
        new_portal_link_id=new_portal_link_id,
        new_customer_token=new_customer_token,
    )


@pytest.fixture
async def client(settings: CheckoutApiSettings, world: Adapters) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        alive(settings, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
    ):
        yield client
