"""Money that the bank sends days later, or does not send."""

from typing import Any

import pytest

from egpay_sandbox.testing.running_sandbox import RunningSandbox


def types(events: list[Any]) -> list[str]:
    return [e["type"] for e in events]


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
