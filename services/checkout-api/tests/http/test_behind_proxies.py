"""Each buyer has a rate limit of their own, also behind a proxy that we were told to believe."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

PROGRAM = Path(sys.executable).parent / "checkout-api"
pytestmark = pytest.mark.integration


@contextmanager
def running(**more: str) -> Iterator[httpx.Client]:
    """The service, without anything that it leans on: an order that is not JSON needs nothing of it."""
    env = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "NATS_URL": "nats://127.0.0.1:1",
        "STRIPE_SECRET_KEY": "sk_test_unused",
        "STRIPE_WEBHOOK_SECRETS": "whsec_1",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "STOREFRONT_URL": "http://127.0.0.1:8030",
        "WAREHOUSE_SECRET": "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0",
        "PORT": "0",
        "CHECKOUT_RATE_LIMIT": "1",
        **more,
    }
    started = subprocess.Popen([PROGRAM], env=env, stdout=subprocess.PIPE, text=True)
    assert started.stdout
    with started, started.stdout as lines:
        try:
            line = next(text for text in lines if "listening" in text)
            url = re.findall(r"http://[\d.]+:\d+", line)[0]
            with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
                yield client
        finally:
            started.terminate()
            lines.read()


def answers(client: httpx.Client, *addresses: str) -> list[int]:
    return [
        client.post("/v1/checkout/sessions", content=b"-", headers={"x-forwarded-for": address}).status_code
        for address in addresses
    ]


def test_the_buyers_behind_a_trusted_proxy_are_told_apart() -> None:
    with running(TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1") as client:
        assert answers(client, "192.0.2.1", "192.0.2.2", "192.0.2.1") == [415, 415, 429]


def test_nobody_else_is_believed() -> None:
    with running() as client:
        assert answers(client, "192.0.2.1", "192.0.2.2") == [415, 429]
