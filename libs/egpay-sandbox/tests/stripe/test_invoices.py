"""Invoices that end otherwise than by a payment, and renewals that the customer must confirm."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox


@pytest.fixture
async def subscription(sandbox: RunningSandbox) -> str:
    plan = [line(1000, "Plan", every="month")]
    session = await sandbox.buy(await sandbox.create_subscription_session(line_items=plan))
    await sandbox.wait_until_idle()
    sandbox.receiver.received.clear()
    return str(session.subscription)


async def unpaid(sandbox: RunningSandbox, subscription: str) -> str:
    sub = await sandbox.post_control(f"subscriptions/{subscription}/renew", outcome="failed")
    return str(sub["latest_invoice"])


async def status_of(sandbox: RunningSandbox, subscription: str) -> Any:
    return (await sandbox.stripe.v1.subscriptions.retrieve_async(subscription)).status


async def test_a_voided_invoice_is_never_collected_and_its_payment_is_canceled(
    sandbox: RunningSandbox, subscription: str
) -> None:
    invoice = await unpaid(sandbox, subscription)
    voided = await sandbox.stripe.v1.invoices.void_invoice_async(invoice)
    assert (voided.status, voided.next_payment_attempt) == ("void", None)
    answer = await sandbox.http.post(f"/sandbox/invoices/{invoice}/retry", json={})
    assert answer.status_code == 400
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.invoices.void_invoice_async(invoice)
    await sandbox.wait_for_events("invoice.voided", "payment_intent.canceled")


async def test_an_invoice_written_off_lets_the_subscription_go_on_and_can_still_be_paid(
    sandbox: RunningSandbox, subscription: str
) -> None:
    invoice = await unpaid(sandbox, subscription)
    assert await status_of(sandbox, subscription) == "past_due"
    off = await sandbox.stripe.v1.invoices.mark_uncollectible_async(invoice)
    assert (off.status, off.status_transitions.marked_uncollectible_at is not None) == ("uncollectible", True)
    assert await status_of(sandbox, subscription) == "active"
    paid = await sandbox.stripe.v1.invoices.pay_async(invoice)
    assert paid.status == "paid"
    await sandbox.wait_for_events("invoice.marked_uncollectible", "invoice.paid")


async def test_an_invoice_paid_out_of_band_has_a_payment_record_and_no_charge(
    sandbox: RunningSandbox, subscription: str
) -> None:
    invoice, charges = await unpaid(sandbox, subscription), len(sandbox.internals.account.charges)
    paid = await sandbox.stripe.v1.invoices.pay_async(
        invoice, {"paid_out_of_band": True, "expand": ["amount_paid_off_stripe"]}
    )
    assert (paid.status, paid.amount_paid_off_stripe) == ("paid", 1000)
    payments = (await sandbox.stripe.v1.invoice_payments.list_async({"invoice": invoice})).data
    assert [(row.payment.type, row.status) for row in payments] == [
        ("payment_record", "paid"),
        ("payment_intent", "canceled"),
    ]
    assert len(sandbox.internals.account.charges) == charges
    assert await status_of(sandbox, subscription) == "active"
    events = await sandbox.wait_for_events("invoice.paid", "invoice_payment.paid")
    assert "invoice.payment_succeeded" not in [event["type"] for event in events]


async def test_a_renewal_waits_until_the_customer_confirms_it(
    sandbox: RunningSandbox, subscription: str
) -> None:
    charges = len(sandbox.internals.account.charges)
    sub = await sandbox.post_control(f"subscriptions/{subscription}/renew", outcome="requires_action")
    assert sub["status"] == "past_due"
    asked = (await sandbox.wait_for_event("invoice.payment_action_required"))["data"]["object"]
    assert (asked["status"], asked["attempt_count"]) == ("open", 1)
    assert asked["next_payment_attempt"] is not None
    intent = (await sandbox.wait_for_event("payment_intent.requires_action"))["data"]["object"]
    assert intent["next_action"]["type"] == "use_stripe_sdk"
    assert len(sandbox.internals.account.charges) == charges
    confirmed = await sandbox.post_control(f"invoices/{asked['id']}/retry")
    assert (confirmed["status"], confirmed["attempt_count"]) == ("paid", 2)
    assert await status_of(sandbox, subscription) == "active"


async def test_the_last_attempt_leaves_no_further_one(sandbox: RunningSandbox, subscription: str) -> None:
    await sandbox.post_control("settings", retries=2, after_last_retry="unpaid")
    invoice = await unpaid(sandbox, subscription)
    last = await sandbox.post_control(f"invoices/{invoice}/retry", outcome="failed")
    assert (last["attempt_count"], last["next_payment_attempt"], last["auto_advance"]) == (2, None, False)
    assert await status_of(sandbox, subscription) == "unpaid"


async def test_a_draft_left_by_paused_collection_is_finalized_and_paid_later(
    sandbox: RunningSandbox, subscription: str
) -> None:
    await sandbox.post_control(
        f"subscriptions/{subscription}/pause", kind="collection", behavior="keep_as_draft"
    )
    sub = await sandbox.post_control(f"subscriptions/{subscription}/renew")
    assert (await sandbox.stripe.v1.invoices.retrieve_async(sub["latest_invoice"])).status == "draft"
    final = await sandbox.stripe.v1.invoices.finalize_invoice_async(sub["latest_invoice"])
    assert (final.status, final.number is not None) == ("open", True)
    assert (await sandbox.stripe.v1.invoices.pay_async(final.id)).status == "paid"
