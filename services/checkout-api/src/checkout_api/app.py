"""Composition root of checkout-api: makes every object once, in order, and closes them in reverse."""

import time
from importlib.metadata import version

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler

from checkout_api.background_tasks import Background
from checkout_api.dependencies import Adapters
from checkout_api.group_commit import GroupCommitWriter
from checkout_api.http.cors import cors
from checkout_api.http.openapi.document import document
from checkout_api.http.problems import to_response
from checkout_api.http.request_limits import ClientRateLimiter
from checkout_api.http.routes import JSON_ROUTES
from checkout_api.http.routes.refusal_page import STORE
from checkout_api.http.routes.start import entry_of
from checkout_api.http.static_site import site_route
from checkout_api.http.webhook_fast_path import WebhookFastPath, webhook_route
from checkout_api.settings import CheckoutApiSettings
from checkout_api.usecases.address_fields import Countries
from checkout_api.usecases.billing_portal import OpenBillingPortal, RequestPortalLink
from checkout_api.usecases.checkout_sessions import CheckoutSessions
from checkout_api.usecases.continue_checkout import ContinueCheckout
from checkout_api.usecases.invitations import RedeemInvitation, RequestRenewal
from checkout_api.usecases.late_webhook import LateWebhook
from checkout_api.usecases.list_products import ListProducts
from checkout_api.usecases.organisation_access import OrganisationAccess
from checkout_api.usecases.receive_webhook import ReceiveWebhook, StoreReceipt
from checkout_api.usecases.sale_documents import FindDocument
from checkout_api.usecases.sale_status import SaleStatusOf
from checkout_api.usecases.sale_waiters import SaleWaiters
from checkout_api.usecases.start_checkout import StartCheckout
from checkout_api.usecases.withdrawals import DeclareWithdrawal
from egpay.domain.api_key import ApiKeys
from egpay.domain.countries import served
from egpay.outbox.direct_publisher import DirectPublisher, PublishMarker
from egpay.outbox.relay import Relay
from egpay.ports.webhooks import WebhookReader
from egpay.runtime.readiness import Readiness
from egpay.runtime.supervisor import Supervisor
from egpay.settings import from_env
from egpay.telemetry import trace
from egpay.telemetry.http import App
from egpay.telemetry.metrics import Metrics

LINK_REQUESTS = 10
"""Requests about links to the billing portal, and as many about invitations, that a client address may send within a
minute, per process."""


def create() -> App:
    """The service as the environment describes it; call it within the event loop that will serve it."""
    from checkout_api.clients import WEBHOOK_TYPES, create_adapters

    settings = from_env(CheckoutApiSettings)
    metrics = Metrics(webhook_types=WEBHOOK_TYPES)
    return observed(build(settings, create_adapters(settings, metrics), metrics), metrics)


def observed(service: Litestar, metrics: Metrics) -> App:
    """The service with a lane of their own for webhooks, and every response counted."""
    return WebhookFastPath(service, metrics, on_stop=service.state["on_stop"])


def build(settings: CheckoutApiSettings, adapters: Adapters, metrics: Metrics) -> Litestar:
    """The service over these adapters."""
    observe = metrics.relay_batch.observe
    publish_marker = PublishMarker(adapters.outbox)
    direct_publisher = DirectPublisher(adapters.broker, publish_marker.add, on_batch=observe)
    relay = Relay(adapters.outbox, adapters.broker, on_batch=observe)
    group_commit = GroupCommitWriter(adapters.inbox, submit=direct_publisher.submit)
    supervisor = Supervisor(on_failure=lambda task: metrics.task_failures.labels(task).inc())
    waiters = SaleWaiters(adapters.sale_versions)
    tasks = {
        "sale_waiters": waiters.run,
        "group_commit": group_commit.run,
        "direct_publisher": direct_publisher.run,
        "publish_marker": publish_marker.run,
        "relay": relay.run,
    }
    background = Background(adapters.opened, supervisor, tasks)
    return Litestar(
        route_handlers=[
            *JSON_ROUTES,
            *([site_route(adapters.site)] if adapters.site else []),
            *_webhook_routes(adapters, group_commit.store, metrics),
        ],
        dependencies=_given(
            **_checkout_parts(settings, adapters),
            sale_status=_sale_status(settings, adapters, waiters, group_commit.store),
            **_limited_parts(settings, adapters),
            **_described_parts(settings, adapters),
            readiness=_readiness(adapters, background),
            numbers=metrics,
        ),
        lifespan=[background.lifespan],
        state=State({"on_stop": waiters.release, STORE: f"{settings.storefront_url.rstrip('/')}/"}),
        exception_handlers={Exception: to_response},
        cors_config=cors(settings.cors_origins),
        openapi_config=None,
        logging_config=None,
    )


def _webhook_routes(
    adapters: Adapters, store: StoreReceipt, metrics: Metrics
) -> tuple[ASGIRouteHandler, ASGIRouteHandler]:
    def receive(reader: WebhookReader) -> ReceiveWebhook:
        return ReceiveWebhook(reader, store, adapters.clock, trace.current, metrics.count_webhook)

    return (
        webhook_route("/webhooks/stripe", receive(adapters.stripe)),
        webhook_route("/webhooks/warehouse", receive(adapters.warehouse)),
    )


def _readiness(adapters: Adapters, background: Background) -> Readiness:
    return Readiness({**adapters.checks, "background": background.check}, adapters.degrading_checks)


def _described_parts(settings: CheckoutApiSettings, adapters: Adapters) -> dict[str, object]:
    """What the service is to those who ask it."""
    public_url = settings.public_url.rstrip("/")
    return {
        "public_url": public_url,
        "description": document(public_url),
        "entry": entry_of(public_url, version("checkout-api")),
        "start_page": adapters.site.get("/"),
    }


def _sale_status(
    settings: CheckoutApiSettings, adapters: Adapters, waiters: SaleWaiters, store: StoreReceipt
) -> SaleStatusOf:
    look = LateWebhook(adapters.begin, adapters.look_at_session, store)
    return SaleStatusOf(
        adapters.begin,
        adapters.sale_versions,
        waiters,
        look,
        adapters.clock,
        public_url=settings.public_url.rstrip("/"),
        withdrawal_days=settings.withdrawal_period,
    )


def _checkout_parts(settings: CheckoutApiSettings, adapters: Adapters) -> dict[str, object]:
    pages = CheckoutSessions(adapters.create_customer, adapters.open_checkout)
    status_page = f"{settings.storefront_url.rstrip('/')}/success?sale="
    countries = served(settings.countries)
    start = StartCheckout(adapters.begin, pages, adapters.clock, adapters.new_sale_id, countries)
    return {
        "list_products": ListProducts(adapters.begin),
        "countries": Countries(countries),
        "start_checkout": start,
        "continue_checkout": ContinueCheckout(start, status_page),
        "find_document": FindDocument(adapters.begin, adapters.invoice_page),
        "access_of": OrganisationAccess(adapters.accesses, adapters.clock),
        "api_keys": ApiKeys(entry.reveal() for entry in settings.api_keys),
    }


def _limited_parts(settings: CheckoutApiSettings, adapters: Adapters) -> dict[str, object]:
    """The billing portal, invitations, and the limits of what a client address may send."""
    orders, links = settings.checkout_rate_limit, min(settings.checkout_rate_limit, LINK_REQUESTS)
    return {
        "rate_limit": ClientRateLimiter(orders, now=time.monotonic),
        "portal_rate_limit": ClientRateLimiter(links, now=time.monotonic),
        "invitation_rate_limit": ClientRateLimiter(links, now=time.monotonic),
        "request_link": RequestPortalLink(adapters.begin, adapters.clock, adapters.new_portal_link_id),
        "redeem": RedeemInvitation(
            adapters.begin, adapters.clock, (settings.app_url or settings.storefront_url).rstrip("/")
        ),
        "request_renewal": RequestRenewal(adapters.begin, adapters.clock),
        "withdrawal_rate_limit": ClientRateLimiter(links, now=time.monotonic),
        "declare": DeclareWithdrawal(adapters.begin, adapters.clock, settings.withdrawal_period > 0),
        "open_portal": OpenBillingPortal(
            adapters.begin, adapters.open_portal, adapters.clock, adapters.new_customer_token
        ),
    }


def _given(**parts: object) -> dict[str, Provide]:
    """Each part under the name by which a route asks for it."""

    def giving(part: object) -> Provide:
        return Provide(lambda: part, sync_to_thread=False)

    return {name: giving(part) for name, part in parts.items()}
