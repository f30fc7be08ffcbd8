"""Refunds in part and in full, and what the bank makes of them."""

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


async def test_a_refund_under_way_waits_until_the_bank_settles_it(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    await sandbox.post_control("settings", refund_status="pending")
    asked = {"payment_intent": str(session.payment_intent), "amount": 2500}
    refund = await sandbox.stripe.v1.refunds.create_async(asked)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    charge = await sandbox.stripe.v1.charges.retrieve_async(str(refund.charge))
    assert charge.amount_refunded == 2500
    await sandbox.post_control(f"refunds/{refund.id}/settle", status="succeeded")
    told = (await sandbox.wait_for_event("refund.updated"))["data"]
    assert (told["object"]["status"], told["previous_attributes"]["status"]) == ("succeeded", "pending")


async def test_a_refund_that_waits_for_the_buyer_can_be_canceled_and_no_other(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    intent = session.payment_intent
    waits = await sandbox.post_control(
        f"payment_intents/{intent}/refund", amount=2500, status="requires_action"
    )
    assert waits["next_action"]["type"] == "display_details"
    done = await sandbox.post_control(f"payment_intents/{intent}/refund", amount=100)
    refunds = sandbox.stripe.v1.refunds
    assert (await refunds.cancel_async(waits["id"])).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="requires_action"):
        await refunds.cancel_async(done["id"])
    charge = await sandbox.stripe.v1.charges.retrieve_async(done["charge"])
    assert charge.amount_refunded == 100
    assert "refund.failed" not in [event.type for event in sandbox.internals.account.events]


async def test_a_failed_refund_says_why_and_its_amount_can_be_refunded_again(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    refund = await sandbox.post_control(f"payment_intents/{session.payment_intent}/refund")
    await sandbox.post_control(f"refunds/{refund['id']}/fail", reason="lost_or_stolen_card")
    told = (await sandbox.wait_for_event("refund.failed"))["data"]["object"]
    assert (told["status"], told["failure_reason"]) == ("failed", "lost_or_stolen_card")
    again = await sandbox.post_control(f"payment_intents/{session.payment_intent}/refund")
    assert (again["amount"], again["status"]) == (7500, "succeeded")


async def test_metadata_of_a_refund_may_change_later(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_session())
    refund = await sandbox.post_control(f"payment_intents/{session.payment_intent}/refund")
    changed = await sandbox.stripe.v1.refunds.update_async(refund["id"], {"metadata": {"case": "7"}})
    assert changed.to_dict()["metadata"] == {"case": "7"}
