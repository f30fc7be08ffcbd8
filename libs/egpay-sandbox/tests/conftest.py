"""A sandbox on a free port for every test, the real SDK to talk to it, a receiver that hears what it tells."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import stripe

from egpay_sandbox.config import Config
from egpay_sandbox.testing.live import Live, live
from egpay_sandbox.testing.receiver import Heard, Receiver
from egpay_sandbox.testing.serving import free_socket, served

stripe.enable_telemetry = False

CONFIG = Config(
    webhook_secret="whsec_test_secret",
    retry_base=0.02,
    delivery_timeout=2.0,
    checkout_wait=2.0,
    aftermath_delay=0.0,
    shipping_delay=0.0,
)


def verified(heard: Heard) -> Any:
    """The event, once the SDK's own verifier has accepted it."""
    signature = heard.headers["stripe-signature"]
    return stripe.Webhook.construct_event(heard.body, signature, CONFIG.webhook_secret).to_dict()


class Wire(stripe.HTTPClient):
    """The SDK's way out over httpx: its own hands httpx raw bytes in a way that httpx deprecates."""

    name = "httpx"

    def __init__(self, seconds: float = 5.0) -> None:
        super().__init__()
        self.httpx = httpx.AsyncClient(timeout=seconds, trust_env=False)

    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        try:
            answer = await self.httpx.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(str(error)) from error  # type: ignore[no-untyped-call]
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        raise AssertionError(f"the tests never retry, but were to wait {secs} s")

    async def close_async(self) -> None:
        await self.httpx.aclose()


@pytest.fixture
async def impatient(sandbox: Live) -> AsyncIterator[stripe.StripeClient]:
    """A client that waits for a tenth of a second only."""
    wire = Wire(0.1)
    yield client(sandbox, wire)
    await wire.close_async()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    sock, url = free_socket()
    heard = Receiver(url, read=verified)
    async with served(heard, sock):
        yield heard


@pytest.fixture
async def sandbox(receiver: Receiver) -> AsyncIterator[Live]:
    async with live(CONFIG, receiver) as running:
        wire = Wire()
        running.stripe = client(running, wire)
        yield running
        await wire.close_async()


def client(sandbox: Live, wire: Wire) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": sandbox.url}, max_network_retries=0, http_client=wire
    )
