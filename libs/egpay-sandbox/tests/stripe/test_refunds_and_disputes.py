"""Money that comes late or goes back: refunds, disputes, slow banks."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox


def types(events: list[Any]) -> list[str]:
    return [e["type"] for e in events]


async def test_two_partial_refunds_make_a_full_one(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    refunds = sandbox.stripe.v1.refunds
    await refunds.create_async({"payment_intent": str(session.payment_intent), "amount": 2500})
    charge = next(iter(sandbox.internals.account.charges)).id
    partly = await sandbox.stripe.v1.charges.retrieve_async(charge)
    assert (partly.refunded, partly.amount_refunded) == (False, 2500)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        await refunds.create_async({"charge": charge, "amount": 5001})
    await sandbox.post_control(f"charges/{charge}/refund")
    fully = await sandbox.stripe.v1.charges.retrieve_async(charge)
    assert (fully.refunded, fully.amount_refunded) == (True, 7500)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await refunds.create_async({"charge": charge})
    assert refusal.value.code == "charge_already_refunded"
    events = await sandbox.wait_for_events("charge.refunded", "refund.created", "refund.updated")
    assert types(events).count("charge.refunded") == 2


async def test_a_refund_that_fails_lowers_the_charges_sum_and_only_the_refund_tells(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    asked = {"payment_intent": str(session.payment_intent), "amount": 2500}
    refund = await sandbox.stripe.v1.refunds.create_async(asked)
    await sandbox.post_control(f"refunds/{refund.id}/fail")
    charge = await sandbox.stripe.v1.charges.retrieve_async(str(refund.charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    failed = await sandbox.stripe.v1.refunds.retrieve_async(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    events = await sandbox.wait_for_events("charge.refunded", "refund.failed", "charge.refund.updated")
    assert types(events).count("charge.refunded") == 1
    told = (await sandbox.wait_for_event("refund.failed"))["data"]["object"]
    assert (told["id"], told["amount"], told["status"]) == (refund.id, 2500, "failed")
    answer = await sandbox.http.post(f"/sandbox/refunds/{refund.id}/fail", json={})
    assert answer.status_code == 400


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_opens_and_closes(sandbox: RunningSandbox, outcome: str) -> None:
    await sandbox.buy(await sandbox.create_session())
    charge = next(iter(sandbox.internals.account.charges)).id
    dispute = await sandbox.post_control(f"charges/{charge}/dispute", reason="product_not_received")
    assert dispute["status"] == "needs_response"
    await sandbox.post_control(f"disputes/{dispute['id']}/close", outcome=outcome)
    events = await sandbox.wait_for_events("charge.dispute.created", "charge.dispute.closed")
    closed = (await sandbox.wait_for_event("charge.dispute.closed"))["data"]["object"]
    assert closed["status"] == outcome
    assert ("charge.dispute.funds_reinstated" in types(events)) == (outcome == "won")
    answer = await sandbox.http.post(f"/sandbox/disputes/{dispute['id']}/close", json={"outcome": "won"})
    assert answer.status_code == 400


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_devices_paid_by_debit_are_settled_days_later(sandbox: RunningSandbox, outcome: str) -> None:
    session = await sandbox.create_session(invoice_creation={"enabled": True})
    await sandbox.press_button(session, "delayed")
    events = await sandbox.wait_for_events("checkout.session.completed", "payment_intent.processing")
    completed = (await sandbox.wait_for_event("checkout.session.completed"))["data"]["object"]
    assert (completed["status"], completed["payment_status"]) == ("complete", "unpaid")
    assert "charge.succeeded" not in types(events)
    await sandbox.post_control(f"sessions/{session.id}/settle", outcome=outcome)
    events = await sandbox.wait_for_events(f"checkout.session.async_payment_{outcome}")
    assert ("invoice.paid" in [e.type for e in sandbox.internals.account.events]) == (outcome == "succeeded")
    answer = await sandbox.http.post(f"/sandbox/sessions/{session.id}/settle", json={"outcome": outcome})
    assert answer.status_code == 400


async def test_a_subscription_paid_by_debit_is_incomplete_until_the_bank_pays(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.create_subscription_session()
    await sandbox.press_button(session, "delayed")
    events = await sandbox.wait_for_events("customer.subscription.created", "invoice.finalized")
    created = (await sandbox.wait_for_event("customer.subscription.created"))["data"]["object"]
    assert created["status"] == "incomplete"
    assert "invoice.paid" not in types(events)
    await sandbox.post_control(f"sessions/{session.id}/settle")
    events = await sandbox.wait_for_events(
        "invoice.paid", "customer.subscription.updated", "invoice_payment.paid"
    )
    updated = (await sandbox.wait_for_event("customer.subscription.updated"))["data"]
    assert updated["object"]["status"] == "active"
    assert updated["previous_attributes"] == {"status": "incomplete"}


async def test_a_refused_first_debit_ends_the_subscription_before_it_began(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_subscription_session()
    await sandbox.press_button(session, "delayed")
    await sandbox.post_control(f"sessions/{session.id}/settle", outcome="failed")
    truth = (await sandbox.http.get("/sandbox/truth")).json()
    assert truth["subscriptions"][0]["status"] == "incomplete_expired"
    assert truth["invoices"][0]["status"] == "void"
    await sandbox.wait_for_events("invoice.payment_failed", "checkout.session.async_payment_failed")
