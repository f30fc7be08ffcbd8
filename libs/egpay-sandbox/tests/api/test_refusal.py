"""Stripe refuses what a test wants refused, in the shape and with the code of its own refusals."""

import pytest
import stripe

from egpay_sandbox.testing.carts import devices
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def test_a_refused_call_names_code_and_parameter_and_leaves_its_key_free(
    sandbox: RunningSandbox,
) -> None:
    await sandbox.post_control(
        "refusal",
        code="resource_missing",
        param="line_items[0][price]",
        calls=1,
        path="/v1/checkout/sessions",
    )
    create = sandbox.stripe.v1.checkout.sessions.create_async
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await create(devices(), {"idempotency_key": "k"})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "line_items[0][price]")
    assert (refused.value.request_id or "").startswith("req_")
    assert (await create(devices(), {"idempotency_key": "k"})).status == "open"


async def test_a_refusal_without_a_number_lasts_until_it_is_lifted_and_hits_its_path_alone(
    sandbox: RunningSandbox,
) -> None:
    await sandbox.post_control("refusal", code="rate", path="/v1/prices")
    assert (await sandbox.create_session()).status == "open"
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            await sandbox.stripe.v1.prices.create_async({"currency": "eur", "unit_amount": 1})
    assert (await sandbox.http.get("/sandbox/refusal")).json()["refusal"]["code"] == "rate"
    await sandbox.http.delete("/sandbox/refusal")
    assert (await sandbox.http.get("/sandbox/refusal")).json()["refusal"] is None
