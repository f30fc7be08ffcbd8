"""The composition root: one application that is Stripe, a mailbox and a warehouse."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from litestar import Litestar
from litestar.datastructures import State

from egpay_sandbox.api import routes as stripe_api
from egpay_sandbox.config import Config
from egpay_sandbox.control import delivery_routes, outage_routes, routes
from egpay_sandbox.mailbox import routes as mailbox_api
from egpay_sandbox.mailbox.smtp import listen
from egpay_sandbox.pages import checkout, dashboard, mailbox, portal, storefront, warehouse
from egpay_sandbox.pages.templates import stylesheet
from egpay_sandbox.request_values import refused
from egpay_sandbox.sandbox import Sandbox, make_world
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.scheduled_jobs import keep_running
from egpay_sandbox.warehouse import routes as warehouse_api


def build(config: Config) -> Litestar:
    """An application whose `state["world"]` is its `Sandbox`.

    While it runs, `state["smtp_port"]` is the port that takes mail.
    """
    return Litestar(
        route_handlers=[
            stylesheet,
            *stripe_api.HANDLERS,
            *routes.HANDLERS,
            *delivery_routes.HANDLERS,
            *outage_routes.HANDLERS,
            *mailbox_api.HANDLERS,
            *warehouse_api.HANDLERS,
            *checkout.HANDLERS,
            *portal.HANDLERS,
            *dashboard.HANDLERS,
            *mailbox.HANDLERS,
            *warehouse.HANDLERS,
            *storefront.HANDLERS,
        ],
        exception_handlers={StripeApiError: refused},
        lifespan=[_alive],
        state=State({"world": make_world(config)}),
        openapi_config=None,
        logging_config=None,
    )


@contextlib.asynccontextmanager
async def _alive(app: Litestar) -> AsyncIterator[None]:
    """What runs beside the routes: mail, errands, deliveries, packing, and the diary."""
    world: Sandbox = app.state["world"]
    smtp = await listen(world.inbox, world.config.smtp_host, world.config.smtp_port)
    app.state["smtp_port"] = smtp.sockets[0].getsockname()[1]
    world.courier.start()
    loop = asyncio.get_running_loop()
    work = [
        loop.create_task(keep_running(world.account)),
        loop.create_task(world.warehouse.keep_packing()),
        loop.create_task(world.diary.keep()),
    ]
    try:
        yield
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        smtp.close()
        await world.courier.stop()
        world.diary.close()
