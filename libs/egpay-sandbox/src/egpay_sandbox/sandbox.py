"""Everything outside egpay, assembled by hand: one value that routes and tests reach into."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.api.api_handler import ApiHandler
from egpay_sandbox.api.idempotency import IdempotencyCache
from egpay_sandbox.api.outage import OutageSwitch
from egpay_sandbox.clock import Clock
from egpay_sandbox.config import Config
from egpay_sandbox.delivery.chaos import Chaos, ChaosSettings
from egpay_sandbox.delivery.delivery_log import DeliveryLog
from egpay_sandbox.delivery.event_fan_out import EventFanOut
from egpay_sandbox.delivery.webhook_dispatcher import DispatcherSettings, WebhookDispatcher
from egpay_sandbox.mailbox.mailbox import Mailbox
from egpay_sandbox.rendering.versions import NEWEST
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.account_settings import AccountSettings
from egpay_sandbox.stripe.objects import SigningSecret
from egpay_sandbox.stripe.requests.events import EndpointCreate
from egpay_sandbox.stripe.webhook_endpoints import create_endpoint
from egpay_sandbox.warehouse.fulfilment import WarehouseSimulator
from egpay_sandbox.warehouse.signing import CallbackBuilder

_OURS = {"made_by": "command line"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts, each made once."""

    config: Config
    clock: Clock
    diary: SqliteStore
    account: SandboxAccount
    chaos: Chaos
    courier: WebhookDispatcher
    webhooks: EventFanOut
    outage: OutageSwitch
    door: ApiHandler
    inbox: Mailbox
    warehouse: WarehouseSimulator


def make_world(config: Config) -> Sandbox:
    """A world with whatever its data directory remembers."""
    clock, diary, chaos = Clock(), SqliteStore(config.data), Chaos()
    account = SandboxAccount(
        diary, clock, AccountSettings(public_url=config.public_url, aftermath_delay=config.aftermath_delay)
    )
    pace = DispatcherSettings(
        config.retry_base, config.retry_longest, config.delivery_timeout, config.delivery_limit
    )
    courier = WebhookDispatcher(DeliveryLog(diary), clock, chaos, pace)
    warehouse = WarehouseSimulator(diary, clock, courier, config.shipping_delay, config.public_url)
    courier.writers["warehouse"] = CallbackBuilder(
        warehouse.notices, clock, config.warehouse_callback, config.warehouse_secret
    )
    outage = OutageSwitch(clock)
    world = Sandbox(
        config=config,
        clock=clock,
        diary=diary,
        account=account,
        chaos=chaos,
        courier=courier,
        webhooks=EventFanOut(account, courier, chaos),
        outage=outage,
        door=ApiHandler(account, courier.ledger, outage, IdempotencyCache(diary)),
        inbox=Mailbox(diary, clock),
        warehouse=warehouse,
    )
    settle_in(world)
    return world


def settle_in(world: Sandbox) -> None:
    """Make sure that the endpoint of the command line exists, at its present address, and set the seed."""
    config, account = world.config, world.account
    if config.seed is not None:
        world.chaos.set("stripe", ChaosSettings(seed=config.seed))
    if not config.webhook_url:
        return
    for endpoint in account.endpoints:
        if endpoint.metadata == _OURS:
            known = any(secret.value == config.webhook_secret for secret in endpoint.secrets)
            secrets = endpoint.secrets if known else [SigningSecret(value=config.webhook_secret)]
            account.endpoints.put(msgspec.structs.replace(endpoint, url=config.webhook_url, secrets=secrets))
            return
    asked = EndpointCreate(url=config.webhook_url, enabled_events=["*"], api_version=NEWEST, metadata=_OURS)
    create_endpoint(account, asked, secret=config.webhook_secret)


async def reset(world: Sandbox) -> None:
    """A new world under the same addresses: nothing happened, nothing is due, nothing goes wrong."""
    await world.courier.drop_all()
    world.diary.clear()
    world.courier.ledger.clear()
    world.inbox.clear()
    world.chaos.calm()
    world.outage.lift()
    world.clock.ahead = 0.0
    settle_in(world)
