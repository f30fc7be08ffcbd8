"""Composition root: one application that is Stripe, a mailbox, a warehouse and a product."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from egpay_sandbox.api import routes as stripe_api
from egpay_sandbox.config import Config
from egpay_sandbox.control import delivery_routes, outage_routes, routes
from egpay_sandbox.mailbox import routes as mailbox_api
from egpay_sandbox.mailbox.smtp import start_smtp_server
from egpay_sandbox.pages import (
    checkout,
    dashboard,
    invoice,
    mailbox,
    portal,
    product,
    warehouse,
)
from egpay_sandbox.pages.page_rendering import favicon, missing_page, stylesheet
from egpay_sandbox.product import routes as product_api
from egpay_sandbox.request_values import api_error_response
from egpay_sandbox.sandbox import Sandbox, build_sandbox
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.scheduled_jobs import run_scheduler
from egpay_sandbox.warehouse import routes as warehouse_api


def build(config: Config) -> Litestar:
    """Builds the application, whose `state["sandbox"]` is its `Sandbox`.

    While it runs, `state["smtp_port"]` is the port that takes mail.
    """
    return Litestar(
        route_handlers=[
            stylesheet,
            favicon,
            *stripe_api.HANDLERS,
            *routes.HANDLERS,
            *delivery_routes.HANDLERS,
            *outage_routes.HANDLERS,
            *mailbox_api.HANDLERS,
            *warehouse_api.HANDLERS,
            *product_api.HANDLERS,
            *checkout.HANDLERS,
            *portal.HANDLERS,
            *dashboard.HANDLERS,
            *mailbox.HANDLERS,
            *warehouse.HANDLERS,
            *product.HANDLERS,
            *invoice.HANDLERS,
        ],
        exception_handlers={StripeApiError: api_error_response, NotFoundException: missing_page},
        lifespan=[_lifespan],
        state=State({"sandbox": build_sandbox(config)}),
        openapi_config=None,
        logging_config=None,
    )


@contextlib.asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    """Runs mail, scheduled jobs, deliveries, packing and the SQLite flush beside the routes."""
    sandbox: Sandbox = app.state["sandbox"]
    smtp = await start_smtp_server(sandbox.mailbox, sandbox.config.smtp_host, sandbox.config.smtp_port)
    app.state["smtp_port"] = smtp.sockets[0].getsockname()[1]
    sandbox.dispatcher.start()
    loop = asyncio.get_running_loop()
    tasks = [
        loop.create_task(run_scheduler(sandbox.account)),
        loop.create_task(sandbox.warehouse.ship_due_orders()),
        loop.create_task(sandbox.sqlite_store.run_flush_loop()),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        smtp.close()
        await sandbox.dispatcher.stop()
        sandbox.sqlite_store.close()
