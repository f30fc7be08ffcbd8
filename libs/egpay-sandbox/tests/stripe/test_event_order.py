"""What Stripe tells about a purchase, in which order, and where the sale id stands (STRIPE.md 2.4 and 5)."""

from typing import Any

from egpay_sandbox.testing.carts import line, mixed
from egpay_sandbox.testing.running_sandbox import RunningSandbox


def told(sandbox: RunningSandbox) -> list[str]:
    """Everything the account told so far, in its own order, without the catalogue."""
    return [e.type for e in sandbox.internals.account.events if not e.type.startswith(("product.", "price."))]


async def first(sandbox: RunningSandbox, event_type: str) -> Any:
    return (await sandbox.wait_for_event(event_type))["data"]["object"]


async def test_devices_are_told_without_invoice_or_subscription(sandbox: RunningSandbox) -> None:
    await sandbox.buy(await sandbox.create_session(payment_intent_data={"metadata": {"sale_id": "sale_1"}}))
    await sandbox.wait_for_events("charge.updated")
    assert told(sandbox) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "checkout.session.completed",
        "charge.updated",
    ]
    assert (await first(sandbox, "charge.succeeded"))["metadata"] == {"sale_id": "sale_1"}
    assert (await first(sandbox, "payment_intent.created"))["status"] == "requires_payment_method"
    session = await first(sandbox, "checkout.session.completed")
    assert (session["client_reference_id"], session["metadata"]["sale_id"]) == ("sale_1", "sale_1")
    assert "line_items" not in session


async def test_invoice_creation_adds_a_manual_invoice_after_the_completed_event(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.create_session(
        customer_creation="always",
        invoice_creation={"enabled": True, "invoice_data": {"metadata": {"sale_id": "sale_1"}}},
    )
    await sandbox.buy(session)
    await sandbox.wait_for_events("charge.updated", "invoice_payment.paid")
    assert told(sandbox)[:9] == [
        "charge.succeeded",
        "customer.created",
        "payment_intent.succeeded",
        "payment_intent.created",
        "checkout.session.completed",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    invoice = await first(sandbox, "invoice.paid")
    assert (invoice["billing_reason"], invoice["parent"]) == ("manual", None)
    assert invoice["metadata"] == {"sale_id": "sale_1"}
    assert (await first(sandbox, "checkout.session.completed"))["invoice"] is None
    done = await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert done.invoice == invoice["id"]


async def test_a_new_subscriber_is_told_as_in_stripes_own_log(sandbox: RunningSandbox) -> None:
    await sandbox.buy(
        await sandbox.create_subscription_session(line_items=[line(1000, "Plan", every="month")])
    )
    await sandbox.wait_for_events("invoice_payment.paid", "charge.updated")
    assert told(sandbox)[:12] == [
        "charge.succeeded",
        "payment_method.attached",
        "customer.created",
        "customer.updated",
        "checkout.session.completed",
        "customer.subscription.created",
        "payment_intent.created",
        "payment_intent.succeeded",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    assert set(told(sandbox)[12:]) == {"invoice_payment.paid", "charge.updated"}
    subscription = await first(sandbox, "customer.subscription.created")
    assert (subscription["status"], subscription["metadata"]) == ("active", {"sale_id": "sale_1"})
    assert subscription["latest_invoice"] == (await first(sandbox, "invoice.paid"))["id"]


async def test_a_known_subscriber_is_told_without_customer_created(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"email": "known@example.com"})
    await sandbox.buy(await sandbox.create_subscription_session(customer=customer.id))
    assert told(sandbox)[1:8] == [
        "charge.succeeded",
        "payment_method.attached",
        "checkout.session.completed",
        "customer.updated",
        "customer.subscription.created",
        "payment_intent.succeeded",
        "payment_intent.created",
    ]


async def test_a_mixed_cart_makes_one_invoice_with_both_kinds_of_lines(sandbox: RunningSandbox) -> None:
    await sandbox.buy(await sandbox.create_subscription_session())
    await sandbox.wait_for_events("invoice.paid", "invoiceitem.created")
    invoice = await first(sandbox, "invoice.paid")
    kinds = [row["parent"]["type"] for row in invoice["lines"]["data"]]
    assert kinds == ["subscription_item_details", "invoice_item_details"]
    assert (invoice["billing_reason"], invoice["total"]) == ("subscription_create", 8500)
    assert "customer.subscription.updated" not in told(sandbox)


async def test_money_of_a_subscription_knows_nothing_of_the_sale(sandbox: RunningSandbox) -> None:
    await sandbox.buy(await sandbox.create_subscription_session())
    await sandbox.wait_for_events("payment_intent.succeeded", "charge.succeeded", "invoice.paid")
    for event_type in ("payment_intent.succeeded", "payment_intent.created", "charge.succeeded"):
        assert (await first(sandbox, event_type))["metadata"] == {}
        assert "invoice" not in await first(sandbox, event_type)
    details = (await first(sandbox, "invoice.paid"))["parent"]["subscription_details"]
    assert details["metadata"] == {"sale_id": "sale_1"}
    assert (await first(sandbox, "invoice.paid"))["metadata"] == {}
    assert "payments" not in await first(sandbox, "invoice.paid")


async def test_the_invoice_keeps_the_metadata_of_its_day(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    await sandbox.stripe.v1.subscriptions.update_async(
        str(session.subscription), {"metadata": {"sale_id": "other"}}
    )
    invoice = (await sandbox.stripe.v1.invoices.retrieve_async(str(session.invoice))).to_dict()
    assert invoice["parent"]["subscription_details"]["metadata"] == {"sale_id": "sale_1"}


async def test_the_events_api_tells_the_same_as_the_webhook(sandbox: RunningSandbox) -> None:
    await sandbox.buy(await sandbox.create_session())
    heard = {
        e["id"]: e for e in await sandbox.wait_for_events("checkout.session.completed", "charge.updated")
    }
    listed = (await sandbox.stripe.v1.events.list_async({"limit": 100})).data
    for event in listed:
        said = event.to_dict()
        assert {**said, "pending_webhooks": 1} == {**heard[said["id"]], "pending_webhooks": 1}
    assert {e.pending_webhooks for e in listed} <= {0, 1}


async def test_an_event_names_the_call_that_caused_it(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"name": "A"}, {"idempotency_key": "k1"})
    await sandbox.buy(await sandbox.create_subscription_session(customer=customer.id))
    await sandbox.wait_for_events("customer.created", "invoice.paid")
    assert (await sandbox.wait_for_event("customer.created"))["request"]["idempotency_key"] == "k1"
    assert (await sandbox.wait_for_event("invoice.paid"))["request"]["idempotency_key"] is None
    assert mixed()["mode"] == "subscription"
