"""Sandbox wiring: every part assembled by hand in one value that routes and tests reach into."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.api.api_handler import ApiHandler
from egpay_sandbox.api.idempotency import IdempotencyCache
from egpay_sandbox.api.outage import OutageSwitch
from egpay_sandbox.api.refusal import RefusalSwitch
from egpay_sandbox.clock import Clock
from egpay_sandbox.config import Config
from egpay_sandbox.delivery.chaos import Chaos, ChaosSettings
from egpay_sandbox.delivery.delivery_log import DeliveryLog
from egpay_sandbox.delivery.event_fan_out import EventFanOut
from egpay_sandbox.delivery.webhook_dispatcher import DispatcherSettings, WebhookDispatcher
from egpay_sandbox.mailbox.mailbox import Mailbox
from egpay_sandbox.product.view import ToldObjects
from egpay_sandbox.rendering.versions import NEWEST
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.account_settings import AccountSettings
from egpay_sandbox.stripe.objects import SigningSecret
from egpay_sandbox.stripe.requests.events import EndpointCreate
from egpay_sandbox.stripe.webhook_endpoints import create_endpoint
from egpay_sandbox.warehouse.fulfilment import WarehouseSimulator
from egpay_sandbox.warehouse.signing import CallbackBuilder

_CLI_METADATA = {"made_by": "command line"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Holds the parts, each made once."""

    config: Config
    clock: Clock
    sqlite_store: SqliteStore
    account: SandboxAccount
    chaos: Chaos
    dispatcher: WebhookDispatcher
    event_fan_out: EventFanOut
    outage: OutageSwitch
    refusal: RefusalSwitch
    api_handler: ApiHandler
    mailbox: Mailbox
    warehouse: WarehouseSimulator
    product: ToldObjects


def build_sandbox(config: Config) -> Sandbox:
    """Builds a sandbox over what its data directory stores."""
    clock, sqlite_store, chaos = Clock(), SqliteStore(config.data), Chaos()
    account = SandboxAccount(
        sqlite_store,
        clock,
        AccountSettings(public_url=config.public_url, aftermath_delay=config.aftermath_delay),
    )
    settings = DispatcherSettings(
        config.retry_base, config.retry_longest, config.delivery_timeout, config.delivery_limit
    )
    dispatcher = WebhookDispatcher(DeliveryLog(sqlite_store), clock, chaos, settings)
    warehouse = WarehouseSimulator(sqlite_store, clock, dispatcher, config.shipping_delay, config.public_url)
    dispatcher.request_builders["warehouse"] = CallbackBuilder(
        warehouse.callbacks, clock, config.warehouse_callback, config.warehouse_secret
    )
    outage, refusal = OutageSwitch(clock), RefusalSwitch()
    sandbox = Sandbox(
        config=config,
        clock=clock,
        sqlite_store=sqlite_store,
        account=account,
        chaos=chaos,
        dispatcher=dispatcher,
        event_fan_out=EventFanOut(account, dispatcher, chaos),
        outage=outage,
        refusal=refusal,
        api_handler=ApiHandler(
            account, dispatcher.delivery_log, outage, refusal, IdempotencyCache(sqlite_store)
        ),
        mailbox=Mailbox(sqlite_store, clock),
        warehouse=warehouse,
        product=ToldObjects(sqlite_store, clock),
    )
    ensure_configured_endpoint(sandbox)
    return sandbox


def ensure_configured_endpoint(sandbox: Sandbox) -> None:
    """Ensures the command line's endpoint exists at its present address, and sets the seed."""
    config, account = sandbox.config, sandbox.account
    if config.seed is not None:
        sandbox.chaos.configure("stripe", ChaosSettings(seed=config.seed))
    if not config.webhook_url:
        return
    for endpoint in account.endpoints:
        if endpoint.metadata == _CLI_METADATA:
            known = any(secret.value == config.webhook_secret for secret in endpoint.secrets)
            secrets = endpoint.secrets if known else [SigningSecret(value=config.webhook_secret)]
            account.endpoints.store(
                msgspec.structs.replace(endpoint, url=config.webhook_url, secrets=secrets)
            )
            return
    params = EndpointCreate(
        url=config.webhook_url, enabled_events=["*"], api_version=NEWEST, metadata=_CLI_METADATA
    )
    create_endpoint(account, params, secret=config.webhook_secret)


async def reset(sandbox: Sandbox) -> None:
    """Resets to an empty account under the same addresses: no history, nothing due, no faults."""
    await sandbox.dispatcher.cancel_all()
    sandbox.sqlite_store.clear()
    sandbox.dispatcher.delivery_log.clear()
    sandbox.mailbox.clear()
    sandbox.product.clear()
    sandbox.chaos.reset()
    sandbox.outage.end()
    sandbox.refusal.end()
    sandbox.clock.ahead = 0.0
    ensure_configured_endpoint(sandbox)
