"""Everything outside egpay, assembled by hand: one value that routes and tests reach into."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.api.api_handler import Door
from egpay_sandbox.api.idempotency import FirstAnswers
from egpay_sandbox.api.outage import Outage
from egpay_sandbox.clock import Clock
from egpay_sandbox.config import Config
from egpay_sandbox.delivery.chaos import Chaos, Knobs
from egpay_sandbox.delivery.delivery_log import Ledger
from egpay_sandbox.delivery.event_fan_out import Webhooks
from egpay_sandbox.delivery.webhook_dispatcher import Courier, Pace
from egpay_sandbox.mailbox.mailbox import Inbox
from egpay_sandbox.rendering.versions import NEWEST
from egpay_sandbox.sqlite_store import Diary
from egpay_sandbox.stripe.account import Account
from egpay_sandbox.stripe.account_settings import Settings
from egpay_sandbox.stripe.objects import Secret
from egpay_sandbox.stripe.requests.events import EndpointCreate
from egpay_sandbox.stripe.webhook_endpoints import create_endpoint
from egpay_sandbox.warehouse.fulfilment import Warehouse
from egpay_sandbox.warehouse.signing import CallbackWriter

_OURS = {"made_by": "command line"}


@dataclass(frozen=True, slots=True)
class World:
    """The parts, each made once."""

    config: Config
    clock: Clock
    diary: Diary
    account: Account
    chaos: Chaos
    courier: Courier
    webhooks: Webhooks
    outage: Outage
    door: Door
    inbox: Inbox
    warehouse: Warehouse


def make_world(config: Config) -> World:
    """A world with whatever its data directory remembers."""
    clock, diary, chaos = Clock(), Diary(config.data), Chaos()
    account = Account(
        diary, clock, Settings(public_url=config.public_url, aftermath_delay=config.aftermath_delay)
    )
    pace = Pace(config.retry_base, config.retry_longest, config.delivery_timeout, config.delivery_limit)
    courier = Courier(Ledger(diary), clock, chaos, pace)
    warehouse = Warehouse(diary, clock, courier, config.shipping_delay, config.public_url)
    courier.writers["warehouse"] = CallbackWriter(
        warehouse.notices, clock, config.warehouse_callback, config.warehouse_secret
    )
    outage = Outage(clock)
    world = World(
        config=config,
        clock=clock,
        diary=diary,
        account=account,
        chaos=chaos,
        courier=courier,
        webhooks=Webhooks(account, courier, chaos),
        outage=outage,
        door=Door(account, courier.ledger, outage, FirstAnswers(diary)),
        inbox=Inbox(diary, clock),
        warehouse=warehouse,
    )
    settle_in(world)
    return world


def settle_in(world: World) -> None:
    """Make sure that the endpoint of the command line exists, at its present address, and set the seed."""
    config, account = world.config, world.account
    if config.seed is not None:
        world.chaos.set("stripe", Knobs(seed=config.seed))
    if not config.webhook_url:
        return
    for endpoint in account.endpoints:
        if endpoint.metadata == _OURS:
            known = any(secret.value == config.webhook_secret for secret in endpoint.secrets)
            secrets = endpoint.secrets if known else [Secret(value=config.webhook_secret)]
            account.endpoints.put(msgspec.structs.replace(endpoint, url=config.webhook_url, secrets=secrets))
            return
    asked = EndpointCreate(url=config.webhook_url, enabled_events=["*"], api_version=NEWEST, metadata=_OURS)
    create_endpoint(account, asked, secret=config.webhook_secret)


async def reset(world: World) -> None:
    """A new world under the same addresses: nothing happened, nothing is due, nothing goes wrong."""
    await world.courier.drop_all()
    world.diary.clear()
    world.courier.ledger.clear()
    world.inbox.clear()
    world.chaos.calm()
    world.outage.lift()
    world.clock.ahead = 0.0
    settle_in(world)
