"""Subscriptions without Checkout: created, created again by a migration, on trial, and ended with their customer."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox

MONTHLY = [line(1000, "Plan", every="month")]
DAY = 24 * 3600


async def bought(sandbox: RunningSandbox, **data: Any) -> Any:
    data = {"metadata": {"sale_id": "sale_1"}, **data}
    session = await sandbox.buy(
        await sandbox.create_subscription_session(line_items=MONTHLY, subscription_data=data)
    )
    return await sandbox.stripe.v1.subscriptions.retrieve_async(str(session.subscription))


def told(sandbox: RunningSandbox, known: int) -> list[str]:
    return [e.type for e in sandbox.internals.account.events][known:]


async def create(sandbox: RunningSandbox, old: Any, **more: Any) -> Any:
    items = [{"price": old.to_dict()["items"]["data"][0]["price"]["id"]}]
    return await sandbox.stripe.v1.subscriptions.create_async(
        {"customer": old.customer, "items": items, **more}
    )


async def test_a_subscription_created_over_the_api_is_incomplete_until_it_is_paid(
    sandbox: RunningSandbox,
) -> None:
    old, known = await bought(sandbox), len(sandbox.internals.account.events)
    await sandbox.wait_until_idle()
    known = len(sandbox.internals.account.events)
    new = await create(sandbox, old, metadata={"sale_id": "sale_2"})
    assert (new.status, new.to_dict()["metadata"]) == ("active", {"sale_id": "sale_2"})
    assert told(sandbox, known)[:9] == [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ]
    account = sandbox.internals.account
    created = [e.stored_object for e in account.events if e.type == "customer.subscription.created"][-1]
    assert getattr(created, "status", None) == "incomplete"
    assert [invoice.billing_reason for invoice in account.invoices] == ["subscription_create"] * 2


async def test_nothing_is_created_for_a_customer_who_cannot_pay(sandbox: RunningSandbox) -> None:
    old = await bought(sandbox)
    stranger = await sandbox.stripe.v1.customers.create_async({"email": "poor@example.com"})
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        await create(sandbox, old, customer=stranger.id)
    assert len(sandbox.internals.account.subscriptions) == 1


async def test_a_migration_copies_metadata_and_ends_the_old_one(sandbox: RunningSandbox) -> None:
    old = await bought(sandbox)
    new = await sandbox.post_control(f"subscriptions/{old.id}/recreate")
    assert (new["status"], new["metadata"]) == ("trialing", {"sale_id": "sale_1"})
    assert new["trial_end"] == old.to_dict()["items"]["data"][0]["current_period_end"]
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(old.id)).status == "canceled"
    assert [charge.amount for charge in sandbox.internals.account.charges] == [1000]
    await sandbox.wait_for_events("customer.subscription.deleted")
    twice = await sandbox.post_control(
        f"subscriptions/{new['id']}/recreate", cancel_old=False, until_period_end=False, outcome="failed"
    )
    assert twice["status"] == "incomplete"
    paid = await sandbox.post_control(f"invoices/{twice['latest_invoice']}/retry")
    assert paid["status"] == "paid"
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(twice["id"])).status == "active"


@pytest.mark.parametrize(("days", "wait"), [(2, 0), (10, 7 * DAY + 60)])
async def test_the_end_of_a_trial_is_told_three_days_before(
    sandbox: RunningSandbox, days: int, wait: int
) -> None:
    trial = await bought(sandbox, trial_period_days=days)
    if wait:
        assert "customer.subscription.trial_will_end" not in told(sandbox, 0)
        await sandbox.http.post("/sandbox/clock", json={"advance": wait})
    ends = (await sandbox.wait_for_event("customer.subscription.trial_will_end"))["data"]["object"]
    assert (ends["id"], ends["status"], ends["trial_end"]) == (trial.id, "trialing", trial.trial_end)
    renewed = await sandbox.post_control(f"subscriptions/{trial.id}/renew")
    assert renewed["status"] == "active"
    assert [invoice.total for invoice in sandbox.internals.account.invoices] == [0, 1000]
    answer = await sandbox.http.post(f"/sandbox/subscriptions/{trial.id}/trial_will_end", json={})
    assert answer.status_code == 400


async def test_a_trial_is_lengthened_and_then_ended_by_request(sandbox: RunningSandbox) -> None:
    trial = await bought(sandbox, trial_period_days=10)
    subscriptions, later = sandbox.stripe.v1.subscriptions, trial.trial_end + 10 * DAY
    longer = await subscriptions.update_async(trial.id, {"trial_end": later})
    assert (longer.status, longer.trial_end) == ("trialing", later)
    ended = await subscriptions.update_async(trial.id, {"trial_end": "now"})
    assert ended.status == "active"
    assert [charge.amount for charge in sandbox.internals.account.charges] == [1000]


async def test_a_deleted_customer_ends_their_subscriptions_and_is_nobody_any_more(
    sandbox: RunningSandbox,
) -> None:
    sub = await bought(sandbox)
    customers, customer = sandbox.stripe.v1.customers, str(sub.customer)
    assert (await customers.delete_async(customer)).deleted
    assert (await customers.retrieve_async(customer)).deleted
    assert (await customers.list_async()).data == []
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(sub.id)).status == "canceled"
    await sandbox.wait_for_events("customer.subscription.deleted", "customer.deleted")
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        await sandbox.create_session(customer=customer)
    with pytest.raises(stripe.InvalidRequestError):
        await customers.update_async(customer, {"name": "A"})


async def test_a_subscription_paid_by_invoice_is_overdue_after_its_date(sandbox: RunningSandbox) -> None:
    old = await bought(sandbox)
    charges = len(sandbox.internals.account.charges)
    new = await create(sandbox, old, collection_method="send_invoice", days_until_due=14)
    assert (new.status, new.collection_method, new.days_until_due) == ("active", "send_invoice", 14)
    sent = (await sandbox.wait_for_event("invoice.sent"))["data"]["object"]
    assert (sent["status"], sent["collection_method"]) == ("open", "send_invoice")
    assert (sent["due_date"], sent["next_payment_attempt"]) == (sent["created"] + 14 * DAY, None)
    assert len(sandbox.internals.account.charges) == charges
    await sandbox.http.post("/sandbox/clock", json={"advance": 14 * DAY + 1})
    await sandbox.wait_for_events("invoice.overdue")
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(new.id)).status == "past_due"
    await sandbox.post_control(f"invoices/{sent['id']}/retry")
    assert (await sandbox.stripe.v1.subscriptions.retrieve_async(new.id)).status == "active"


async def test_days_to_pay_go_with_an_invoice_that_is_sent(sandbox: RunningSandbox) -> None:
    old = await bought(sandbox)
    for more in ({"days_until_due": 14}, {"collection_method": "send_invoice"}):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            await create(sandbox, old, **more)
        assert refusal.value.param == "days_until_due"
