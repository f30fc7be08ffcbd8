"""Sandbox driver of tests: buys, waits for events, calls control routes."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from egpay_sandbox.app import build
from egpay_sandbox.config import Config
from egpay_sandbox.delivery.http_sender import tls_context
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.testing.carts import devices, mixed
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.serving import free_socket, served, until


@dataclass
class RunningSandbox:
    """The sandbox over HTTP, as egpay and a browser see it, and its state for a closer look.

    `stripe` is whatever client the test uses for the API, usually the SDK's `StripeClient`.
    """

    url: str
    http: httpx.AsyncClient
    internals: Sandbox
    receiver: WebhookReceiver
    smtp_port: int
    stripe: Any = None

    async def post_control(self, route: str, /, **body: Any) -> Any:
        """Posts to a control route, which must succeed."""
        answer = await self.http.post(f"/sandbox/{route}", json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"{route}: {answer.status_code} {answer.text}")
        return answer.json()

    async def create_session(self, **more: Any) -> Any:
        """Opens a session for devices."""
        return await self.stripe.v1.checkout.sessions.create_async({**devices(), **more})

    async def create_subscription_session(self, **more: Any) -> Any:
        """Opens a session for a plan with devices."""
        return await self.stripe.v1.checkout.sessions.create_async({**mixed(), **more})

    async def create_portal_session(
        self, customer: str, features: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        """Opens a customer's billing portal under a configuration of its own."""
        features = features or {
            "subscription_cancel": {"enabled": True},
            "invoice_history": {"enabled": True},
        }
        portal = self.stripe.v1.billing_portal
        configuration = await portal.configurations.create_async({"features": features})
        return await portal.sessions.create_async(
            {"customer": customer, "configuration": configuration.id, **more}
        )

    async def press_button(self, session: Any, action: str, **form: str) -> httpx.Response:
        """Presses a button of the Checkout page."""
        billing = {"billing_line1": "12 Harbour Street", "billing_country": "IE"}
        fields = {"email": "buyer@example.com", "name": "Ada Buyer", **billing, **form, "action": action}
        return await self.http.post(f"/c/pay/{session.id}", data=fields)

    async def buy(self, session: Any) -> Any:
        """Pays on the page, and loads the session again."""
        answer = await self.press_button(session, "pay")
        if answer.status_code != 303:
            raise RuntimeError(f"not paid: {answer.status_code} {answer.text}")
        return await self.stripe.v1.checkout.sessions.retrieve_async(session.id)

    async def wait_for_events(self, *types: str) -> list[Any]:
        """Waits until these event types arrived and no delivery is open; returns everything received."""
        await until(lambda: set(types) <= set(self.receiver.types()))
        await self.wait_until_idle()
        return self.receiver.events()

    async def wait_for_event(self, event_type: str) -> Any:
        """Waits for the first event of this type and returns it."""
        events = await self.wait_for_events(event_type)
        return next(event for event in events if event["type"] == event_type)

    async def wait_until_idle(self) -> None:
        """Waits until every event is delivered, late ones too."""
        await until(lambda: not self._jobs_pending() and not self._deliveries_open())

    def _jobs_pending(self) -> bool:
        return any(job.kind.startswith("tell_") for job in self.internals.account.scheduled_jobs)

    def _deliveries_open(self) -> bool:
        return any(delivery.open for delivery in self.internals.dispatcher.delivery_log.newest_first())


@contextlib.asynccontextmanager
async def running_sandbox(config: Config, receiver: WebhookReceiver) -> AsyncIterator[RunningSandbox]:
    """Runs a sandbox on free ports that delivers to the receiver; delays are those of `config`."""
    sock, url = free_socket()
    app = build(
        replace(
            config,
            port=0,
            smtp_port=0,
            public_url=url,
            webhook_url=f"{receiver.url}/webhooks/stripe",
            warehouse_callback=f"{receiver.url}/webhooks/warehouse",
        )
    )
    async with (
        served(app, sock),
        httpx.AsyncClient(base_url=url, trust_env=False, verify=tls_context(), timeout=30) as http,
    ):
        yield RunningSandbox(url, http, app.state["sandbox"], receiver, app.state["smtp_port"])
