"""Webhooks on their own lane are answered, and counted, exactly as they are by the framework."""

import httpx
import pytest

from checkout_api.testing.doubles import StandingClock
from checkout_api.testing.running_app import problem_of
from egpay.testing.stripe_events import event, signature

BODY = event("customer.created", {"id": "cus_1", "object": "customer"})


async def test_every_answer_of_the_lane_is_counted_under_its_route(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    header = {"stripe-signature": signature(BODY, at=clock())}
    assert (await client.post("/webhooks/stripe", content=BODY, headers=header)).status_code == 200
    assert (await client.post("/webhooks/stripe", content=BODY)).status_code == 400
    numbers = (await client.get("/metrics")).text
    for status in ("200", "400"):
        line = f'egpay_http_requests_total{{method="POST",route="/webhooks/stripe",status="{status}"}} 1.0'
        assert line in numbers
    assert 'egpay_http_seconds_count{method="POST",route="/webhooks/stripe"} 2.0' in numbers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_another_method_is_refused_as_on_any_route(client: httpx.AsyncClient, method: str) -> None:
    assert problem_of(await client.request(method, "/webhooks/stripe")) == (405, "method-not-allowed")


async def test_a_slash_too_many_still_finds_the_door(client: httpx.AsyncClient, clock: StandingClock) -> None:
    header = {"stripe-signature": signature(BODY, at=clock())}
    assert (await client.post("/webhooks/stripe/", content=BODY, headers=header)).status_code == 200


async def test_a_refusal_of_the_lane_says_its_length(client: httpx.AsyncClient) -> None:
    answer = await client.post("/webhooks/stripe", content=BODY)
    assert answer.headers["content-length"] == str(len(answer.content))
