"""What happens to a subscription later: renewals, failures, pauses, ends."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox


@pytest.fixture
async def bought(sandbox: RunningSandbox) -> Any:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    await sandbox.wait_until_idle()
    sandbox.receiver.received.clear()
    return session


def told_since(sandbox: RunningSandbox, known: int) -> list[str]:
    return [e.type for e in sandbox.internals.account.events][known:]


async def test_a_renewal_bills_the_plan_alone_for_the_next_month(
    sandbox: RunningSandbox, bought: Any
) -> None:
    known = len(sandbox.internals.account.events)
    before = sandbox.internals.account.subscriptions[str(bought.subscription)]
    await sandbox.post_control(f"subscriptions/{bought.subscription}/renew")
    await sandbox.wait_for_events("invoice.payment_succeeded", "invoice_payment.paid")
    invoice = (await sandbox.wait_for_event("invoice.paid"))["data"]["object"]
    assert (invoice["billing_reason"], invoice["total"]) == ("subscription_cycle", 1000)
    assert [row["parent"]["type"] for row in invoice["lines"]["data"]] == ["subscription_item_details"]
    after = sandbox.internals.account.subscriptions[str(bought.subscription)]
    assert after.period_start == before.period_end
    assert told_since(sandbox, known)[:8] == [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    updated = await sandbox.wait_for_event("customer.subscription.updated")
    assert set(updated["data"]["previous_attributes"]) == {"items", "latest_invoice"}


async def test_a_failed_renewal_is_past_due_until_a_retry_pays(sandbox: RunningSandbox, bought: Any) -> None:
    sub = await sandbox.post_control(f"subscriptions/{bought.subscription}/renew", outcome="failed")
    assert sub["status"] == "past_due"
    failed = await sandbox.post_control(f"invoices/{sub['latest_invoice']}/retry", outcome="failed")
    assert (failed["attempt_count"], failed["status"]) == (2, "open")
    assert failed["next_payment_attempt"] is not None
    paid = await sandbox.post_control(f"invoices/{sub['latest_invoice']}/retry")
    assert (paid["attempt_count"], paid["status"]) == (3, "paid")
    recovered = await sandbox.stripe.v1.subscriptions.retrieve_async(str(bought.subscription))
    assert recovered.status == "active"
    events = await sandbox.wait_for_events("invoice.paid")
    counts = [e["data"]["object"]["attempt_count"] for e in events if e["type"] == "invoice.payment_failed"]
    assert sorted(counts) == [1, 2]
    assert len({p.payment_intent for p in sandbox.internals.account.invoice_payments}) == 2


@pytest.mark.parametrize("end", ["canceled", "unpaid"])
async def test_the_last_failed_retry_ends_or_suspends(sandbox: RunningSandbox, bought: Any, end: str) -> None:
    await sandbox.post_control("settings", after_last_retry=end, retries=2)
    sub = await sandbox.post_control(f"subscriptions/{bought.subscription}/renew", outcome="failed")
    await sandbox.post_control(f"invoices/{sub['latest_invoice']}/retry", outcome="failed")
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(sub["id"])).status == end
    if end == "canceled":
        await sandbox.wait_for_events("customer.subscription.deleted")
        deleted = (await sandbox.wait_for_event("customer.subscription.deleted"))["data"]["object"]
        assert deleted["cancellation_details"]["reason"] == "payment_failed"


async def test_pausing_the_status_and_pausing_collection_are_two_things(
    sandbox: RunningSandbox, bought: Any
) -> None:
    paused = await sandbox.post_control(f"subscriptions/{bought.subscription}/pause")
    assert paused["status"] == "paused"
    assert paused["status_details"]["paused"]["type"] == "subscription"
    resumed = await sandbox.post_control(f"subscriptions/{bought.subscription}/resume")
    assert (resumed["status"], resumed["status_details"]) == ("active", None)
    await sandbox.wait_for_events("customer.subscription.paused", "customer.subscription.resumed")
    collecting = await sandbox.post_control(
        f"subscriptions/{bought.subscription}/pause", kind="collection", behavior="void"
    )
    assert (collecting["status"], collecting["pause_collection"]["behavior"]) == ("active", "void")
    await sandbox.post_control(f"subscriptions/{bought.subscription}/renew")
    await sandbox.wait_for_events("invoice.voided")
    resumed = await sandbox.post_control(f"subscriptions/{bought.subscription}/resume")
    assert resumed["pause_collection"] is None


async def test_cancelling_at_the_period_end_ends_it_when_the_period_does(
    sandbox: RunningSandbox, bought: Any
) -> None:
    sub = await sandbox.stripe.v1.subscriptions.update_async(
        str(bought.subscription), {"cancel_at_period_end": True}
    )
    assert sub.cancel_at is not None
    assert (sub.status, sub.cancel_at_period_end) == ("active", True)
    kept = await sandbox.stripe.v1.subscriptions.update_async(sub.id, {"cancel_at_period_end": False})
    assert kept.cancel_at is None
    await sandbox.post_control(f"subscriptions/{sub.id}/cancel", at="period_end")
    ended = await sandbox.post_control(f"subscriptions/{sub.id}/renew")
    assert ended["status"] == "canceled"
    await sandbox.wait_for_events("customer.subscription.deleted")
    assert (await sandbox.stripe.v1.subscriptions.list_async({"customer": ended["customer"]})).data == []
    everything = await sandbox.stripe.v1.subscriptions.list_async({"status": "all"})
    assert [row.id for row in everything.data] == [sub.id]


async def test_cancelling_now_is_final(sandbox: RunningSandbox, bought: Any) -> None:
    sub = await sandbox.stripe.v1.subscriptions.cancel_async(str(bought.subscription))
    assert sub.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.subscriptions.cancel_async(str(bought.subscription))
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.subscriptions.update_async(str(bought.subscription), {"metadata": {"a": "b"}})


async def test_a_changed_quantity_is_told_with_what_it_was(sandbox: RunningSandbox, bought: Any) -> None:
    item = sandbox.internals.account.subscriptions[str(bought.subscription)].items[0]
    await sandbox.stripe.v1.subscriptions.update_async(
        str(bought.subscription), {"items": [{"id": item.id, "quantity": 7}]}
    )
    event = await sandbox.wait_for_event("customer.subscription.updated")
    assert event["data"]["object"]["items"]["data"][0]["quantity"] == 7
    assert event["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 1


async def test_an_unknown_deed_names_the_known_ones(sandbox: RunningSandbox) -> None:
    answer = await sandbox.http.post("/sandbox/sessions/cs_1/sing", json={})
    assert answer.status_code == 404
    assert "sessions/{id}/settle" in answer.text
    wrong = await sandbox.http.post("/sandbox/sessions/cs_1/settle", json={"outcome": "perhaps"})
    assert wrong.status_code == 400
