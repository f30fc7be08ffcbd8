"""Stripe is down when a test wants it to be."""

import pytest
import stripe

from egpay_sandbox.testing.carts import devices
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def test_an_outage_lasts_for_so_many_calls(sandbox: RunningSandbox) -> None:
    await sandbox.post_control("outage", answer=503, calls=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as outage:
            await sandbox.create_session()
        assert outage.value.http_status == 503
    assert (await sandbox.create_session()).status == "open"


async def test_too_many_requests_are_a_rate_limit_error(sandbox: RunningSandbox) -> None:
    await sandbox.post_control("outage", answer=429)
    with pytest.raises(stripe.RateLimitError):
        await sandbox.create_session()
    assert (await sandbox.http.get("/sandbox/outage")).json()["outage"]["answer"] == 429
    await sandbox.http.delete("/sandbox/outage")
    assert (await sandbox.create_session()).status == "open"


async def test_a_lost_answer_is_found_again_under_its_key(sandbox: RunningSandbox) -> None:
    await sandbox.post_control("outage", answer=500, calls=1, when="after", path="/v1/checkout")
    with pytest.raises(stripe.APIError):
        await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "k"})
    again = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "k"})
    assert [s.id for s in sandbox.internals.account.sessions] == [again.id]


async def test_a_hanging_call_hangs(sandbox: RunningSandbox, impatient: stripe.StripeClient) -> None:
    await sandbox.post_control("outage", answer="hang", calls=1, hang_seconds=0.3)
    with pytest.raises(stripe.APIConnectionError):
        await impatient.v1.customers.create_async({"name": "A"})
    assert len(sandbox.internals.account.customers) == 0
