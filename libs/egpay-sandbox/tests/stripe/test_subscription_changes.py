"""Plans, seats and items that change in the middle of a period, and what that credits and charges."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox

MONTHLY = [line(1000, "Plan", every="month")]


@pytest.fixture
async def subscription(sandbox: RunningSandbox) -> str:
    session = await sandbox.buy(await sandbox.create_subscription_session(line_items=MONTHLY))
    await sandbox.wait_until_idle()
    sandbox.receiver.received.clear()
    return str(session.subscription)


async def price(sandbox: RunningSandbox, amount: int, interval: str = "month") -> str:
    product = await sandbox.stripe.v1.products.create_async({"name": f"Plan {amount}"})
    recurring = {"interval": interval}
    made = await sandbox.stripe.v1.prices.create_async(
        {"product": product.id, "currency": "eur", "unit_amount": amount, "recurring": recurring}
    )
    return str(made.id)


def told(sandbox: RunningSandbox, known: int) -> list[str]:
    events = [e.type for e in sandbox.internals.account.events][known:]
    return [kind for kind in events if not kind.startswith(("product.", "price."))]


def totals(sandbox: RunningSandbox) -> list[int]:
    return [invoice.total for invoice in sandbox.internals.account.invoices]


async def test_more_seats_are_charged_with_the_next_invoice(
    sandbox: RunningSandbox, subscription: str
) -> None:
    known = len(sandbox.internals.account.events)
    changed = await sandbox.post_control(f"subscriptions/{subscription}/change", quantity=3)
    assert changed["items"]["data"][0]["quantity"] == 3
    assert told(sandbox, known) == [
        "invoiceitem.created",
        "invoiceitem.created",
        "customer.subscription.updated",
    ]
    updated = (await sandbox.wait_for_event("customer.subscription.updated"))["data"]
    assert updated["previous_attributes"]["items"]["data"][0]["quantity"] == 1
    pending = sandbox.internals.account.invoice_items
    assert [row.prorated for row in pending] == [-1000, 3000]
    assert totals(sandbox) == [1000]
    renewed = await sandbox.post_control(f"subscriptions/{subscription}/renew")
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(renewed["latest_invoice"])
    assert [(row.amount, row.quantity) for row in invoice.lines.data] == [(-1000, 1), (3000, 3), (3000, 3)]
    assert [row.parent.type for row in invoice.lines.data][:2] == ["invoice_item_details"] * 2
    assert {row.invoice for row in pending} == {invoice.id}
    assert totals(sandbox) == [1000, 5000]


async def test_half_of_a_period_is_credited_and_charged_for_its_other_half(
    sandbox: RunningSandbox, subscription: str
) -> None:
    stored = sandbox.internals.account.subscriptions[subscription]
    half = (stored.period_end - stored.period_start) // 2
    await sandbox.http.post("/sandbox/clock", json={"advance": half})
    dearer = await price(sandbox, 3000)
    changed = await sandbox.post_control(
        f"subscriptions/{subscription}/change", price=dearer, proration="always_invoice"
    )
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(changed["latest_invoice"])
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert [row.amount for row in invoice.lines.data] == [
        pytest.approx(-500, abs=1),
        pytest.approx(1500, abs=1),
    ]
    assert all(row.parent.invoice_item_details.proration for row in invoice.lines.data)


async def test_fewer_seats_at_once_become_credit_of_the_customer(
    sandbox: RunningSandbox, subscription: str
) -> None:
    cheaper = await price(sandbox, 400)
    changed = await sandbox.post_control(
        f"subscriptions/{subscription}/change", price=cheaper, proration="always_invoice"
    )
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(changed["latest_invoice"])
    assert (invoice.total, invoice.amount_due, invoice.status) == (-600, 0, "paid")
    customer = await sandbox.stripe.v1.customers.retrieve_async(changed["customer"])
    assert customer.balance == -600


async def test_a_change_without_proration_costs_nothing_before_the_renewal(
    sandbox: RunningSandbox, subscription: str
) -> None:
    known = len(sandbox.internals.account.events)
    await sandbox.post_control(f"subscriptions/{subscription}/change", quantity=7, proration="none")
    assert told(sandbox, known) == ["customer.subscription.updated"]
    await sandbox.post_control(f"subscriptions/{subscription}/renew")
    assert totals(sandbox) == [1000, 7000]


async def test_another_interval_begins_a_new_period_and_is_paid_at_once(
    sandbox: RunningSandbox, subscription: str
) -> None:
    yearly = await price(sandbox, 10_000, "year")
    changed = await sandbox.post_control(f"subscriptions/{subscription}/change", price=yearly)
    [item] = changed["items"]["data"]
    assert item["current_period_end"] - item["current_period_start"] >= 365 * 24 * 3600
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(changed["latest_invoice"])
    assert sorted(row.amount for row in invoice.lines.data) == [-1000, 10_000]
    assert invoice.status == "paid"


async def test_a_change_whose_payment_fails_leaves_the_subscription_past_due(
    sandbox: RunningSandbox, subscription: str
) -> None:
    dearer = await price(sandbox, 3000)
    changed = await sandbox.post_control(
        f"subscriptions/{subscription}/change", price=dearer, proration="always_invoice", outcome="failed"
    )
    assert changed["status"] == "past_due"
    await sandbox.wait_for_events("invoice.payment_failed")


async def test_a_second_item_comes_and_goes(sandbox: RunningSandbox, subscription: str) -> None:
    support, items = await price(sandbox, 500), sandbox.stripe.v1.subscription_items
    item = await items.create_async({"subscription": subscription, "price": support, "quantity": 2})
    rows = (await items.list_async({"subscription": subscription})).data
    assert [(row.price.id == support, row.quantity) for row in rows] == [(False, 1), (True, 2)]
    await items.update_async(item.id, {"quantity": 4, "proration_behavior": "none"})
    await sandbox.post_control(f"subscriptions/{subscription}/renew")
    assert totals(sandbox) == [1000, 1000 + 1000 + 2000]
    await items.delete_async(item.id, {"proration_behavior": "none"})
    with pytest.raises(stripe.InvalidRequestError, match="at least one"):
        await items.delete_async(rows[0].id)
    other = await price(sandbox, 500, "year")
    with pytest.raises(stripe.InvalidRequestError, match="interval"):
        await items.create_async({"subscription": subscription, "price": other})
    once = (await sandbox.stripe.v1.prices.list_async({"type": "one_time"})).data
    assert once == []


async def test_an_end_is_set_to_a_date_and_taken_back(sandbox: RunningSandbox, subscription: str) -> None:
    end = sandbox.internals.clock.now() + 3600
    ending = await sandbox.post_control(f"subscriptions/{subscription}/cancel", date=end)
    assert (ending["cancel_at"], ending["cancel_at_period_end"]) == (end, False)
    kept = await sandbox.post_control(f"subscriptions/{subscription}/keep")
    assert (kept["cancel_at"], kept["status"]) == (None, "active")
    await sandbox.http.post("/sandbox/clock", json={"advance": 3601})
    assert sandbox.internals.account.subscriptions[subscription].status == "active"
    events: list[Any] = await sandbox.wait_for_events("customer.subscription.updated")
    before = [
        e["data"]["previous_attributes"].get("cancel_at", "-") for e in events if "updated" in e["type"]
    ]
    assert sorted(before, key=str) == sorted([None, end], key=str)


async def test_collection_is_taken_up_again_when_its_pause_ends(
    sandbox: RunningSandbox, subscription: str
) -> None:
    until = sandbox.internals.clock.now() + 3600
    paused = await sandbox.post_control(
        f"subscriptions/{subscription}/pause", kind="collection", resumes_at=until
    )
    assert paused["pause_collection"] == {"behavior": "void", "resumes_at": until}
    await sandbox.http.post("/sandbox/clock", json={"advance": 3601})
    resumed = await sandbox.stripe.v1.subscriptions.retrieve_async(subscription)
    assert resumed.pause_collection is None
