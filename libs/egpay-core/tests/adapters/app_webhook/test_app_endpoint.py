"""What the product's endpoint receives, and what becomes of each of its answers, over a real connection."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from egpay.adapters.app_webhook.endpoint import READ_MOST, StandardWebhooksEndpoint
from egpay.adapters.system.clock import utc_now
from egpay.domain.errors import Defect
from egpay.domain.values import MessageId
from egpay.ports.app_deliveries import AppMessage
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http

NEW, OLD, OTHER = (f"whsec_{base64.b64encode(name * 6).decode()}" for name in (b"new!", b"old!", b"else"))
NEWS = AppMessage(
    object="access:org_1",
    id=MessageId("public:access:org_1:3"),
    payload=msgspec.json.encode(
        {
            "type": "access.changed",
            "id": "public:access:org_1:3",
            "occurred_at": "2026-11-23T12:00:00Z",
            "source": "stripe",
            "version": 3,
            "organisation_id": "org_1",
            "access": "full",
        }
    ),
)


@asynccontextmanager
async def product(
    *answers: ScriptedAnswer, **options: Any
) -> AsyncIterator[tuple[ScriptedHttp, StandardWebhooksEndpoint]]:
    async with scripted_http() as script:
        if answers:
            script.say(*answers)
        secrets = options.pop("secrets", (NEW,))
        endpoint = StandardWebhooksEndpoint.connect(
            url=f"{script.url}/news", secrets=secrets, clock=utc_now, **options
        )
        try:
            yield script, endpoint
        finally:
            await endpoint.aclose()


async def test_a_message_is_posted_in_the_envelope_of_standard_webhooks_and_verifies() -> None:
    async with product() as (script, endpoint):
        answer = await endpoint.post(NEWS)
    [request] = script.heard
    assert (answer.taken, answer.status, request.method, request.path) == (True, 200, "POST", "/news")
    assert request.headers["webhook-id"] == NEWS.id
    Webhook(NEW).verify(request.body, dict(request.headers))
    assert msgspec.json.decode(request.body) == {
        "type": "access.changed",
        "timestamp": "2026-11-23T12:00:00Z",
        "data": {
            "id": "public:access:org_1:3",
            "source": "stripe",
            "version": 3,
            "organisation_id": "org_1",
            "access": "full",
        },
    }


async def test_while_a_secret_is_rolled_both_verify_and_no_other_does() -> None:
    async with product(secrets=(NEW, OLD)) as (script, endpoint):
        await endpoint.post(NEWS)
    [request] = script.heard
    for secret in (NEW, OLD):
        Webhook(secret).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(request.body, dict(request.headers))


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422, 429, 500, 503])
async def test_an_answer_that_takes_nothing_is_told_by_its_status_alone(status: int) -> None:
    told = ScriptedAnswer(
        status, body=b"ada@example.com", headers={"retry-after": "120", "location": "/other"}
    )
    async with product(told) as (script, endpoint):
        answer = await endpoint.post(NEWS)
    assert (answer.taken, answer.status, answer.reason) == (False, status, f"answered {status}")
    assert answer.retry_after == 120.0
    assert len(script.heard) == 1


@pytest.mark.parametrize(
    "answer", [ScriptedAnswer(hangs=True), ScriptedAnswer(drops=True)], ids=["hangs", "drops"]
)
async def test_an_endpoint_that_says_nothing_is_an_answer_without_a_status(answer: ScriptedAnswer) -> None:
    async with product(answer, timeout=0.2) as (_, endpoint):
        found = await endpoint.post(NEWS)
    assert (found.taken, found.status) == (False, None)
    assert found.reason


async def test_an_endpoint_that_is_not_there_is_an_answer_without_a_status() -> None:
    async with scripted_http() as script:
        url = script.url
    gone = StandardWebhooksEndpoint.connect(url=url, secrets=(NEW,), clock=utc_now, timeout=1.0)
    found = await gone.post(NEWS)
    await gone.aclose()
    assert (found.taken, found.status, found.reason) == (False, None, "out of reach: ConnectError")


async def test_no_more_of_an_answer_is_read_than_its_bound() -> None:
    endless = ScriptedAnswer(200, body=b"x" * (64 * READ_MOST))
    async with product(endless, ScriptedAnswer(204)) as (script, endpoint):
        assert (await endpoint.post(NEWS)).taken
        assert (await endpoint.post(NEWS)).status == 204
    assert len(script.connections) == 2


async def test_a_connection_is_used_again_after_a_short_answer() -> None:
    async with product() as (script, endpoint):
        for _ in range(3):
            assert (await endpoint.post(NEWS)).taken
    assert len(script.connections) == 1


def test_a_malformed_secret_is_a_defect_that_does_not_quote_it() -> None:
    with pytest.raises(Defect) as caught:
        StandardWebhooksEndpoint.connect(url="http://app.example", secrets=("whsec_!",), clock=utc_now)
    assert "!" not in str(caught.value)


def test_nothing_that_is_printed_of_an_endpoint_holds_the_secret() -> None:
    endpoint = StandardWebhooksEndpoint.connect(url="http://app.example", secrets=(NEW,), clock=utc_now)
    assert NEW.removeprefix("whsec_") not in repr(endpoint)
