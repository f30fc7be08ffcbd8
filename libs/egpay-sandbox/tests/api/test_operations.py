"""Lists, expansion, the catalogue and endpoints, as the SDK meets them."""

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def test_the_catalogue_can_be_made_listed_and_bought_from(sandbox: RunningSandbox) -> None:
    product = await sandbox.stripe.v1.products.create_async({"name": "Reader", "metadata": {"sku": "r1"}})
    price = await sandbox.stripe.v1.prices.create_async(
        {"product": product.id, "currency": "eur", "unit_amount": 700, "lookup_key": "reader"}
    )
    found = await sandbox.stripe.v1.prices.list_async({"lookup_keys": ["reader"], "active": True})
    assert [row.id for row in found.data] == [price.id]
    session = await sandbox.create_session(line_items=[{"price": price.id, "quantity": 2}])
    lines = await sandbox.stripe.v1.checkout.sessions.line_items.list_async(session.id)
    assert [(row.amount_total, row.quantity, row.description) for row in lines.data] == [(1400, 2, "Reader")]
    assert session.amount_total == 1400


async def test_lists_are_paged_newest_first_and_chronologically_with_ending_before(
    sandbox: RunningSandbox,
) -> None:
    made = [(await sandbox.stripe.v1.customers.create_async({"name": str(n)})).id for n in range(5)]
    events = sandbox.stripe.v1.events
    first = await events.list_async({"type": "customer.created", "limit": 2})
    assert first.has_more
    everything = [e.data.object["id"] async for e in first.auto_paging_iter()]
    assert everything == made[::-1]
    oldest = [e async for e in (await events.list_async({"limit": 100})).auto_paging_iter()][-1]
    newer = await events.list_async({"ending_before": oldest.id, "limit": 2})
    assert [e.data.object["id"] async for e in newer.auto_paging_iter()] == made[1:]


async def test_events_can_be_asked_for_by_types_time_and_success(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [500]
    await sandbox.stripe.v1.customers.create_async({"name": "A"})
    await sandbox.wait_for_events("customer.created")
    events = sandbox.stripe.v1.events
    since = sandbox.internals.clock.now() - 60
    by_types = await events.list_async(
        {"types": ["customer.created", "invoice.paid"], "created": {"gte": since}}
    )
    assert len(by_types.data) == 1
    assert (await events.list_async({"created": {"gte": since + 3600}})).data == []
    delivered = await events.list_async({"delivery_success": True})
    assert [e.id for e in delivered.data] in ([], [by_types.data[0].id])


async def test_an_endpoint_tells_its_secret_once(sandbox: RunningSandbox) -> None:
    endpoints = sandbox.stripe.v1.webhook_endpoints
    made = await endpoints.create_async({"url": "https://shop.test/hook", "enabled_events": ["invoice.paid"]})
    assert (made.secret or "").startswith("whsec_")
    read = await endpoints.retrieve_async(made.id)
    assert "secret" not in read.to_dict()
    changed = await endpoints.update_async(made.id, {"enabled_events": ["*"], "disabled": True})
    assert (changed.enabled_events, changed.status) == (["*"], "disabled")
    assert len((await endpoints.list_async()).data) == 2
    assert (await endpoints.delete_async(made.id)).deleted


async def test_expanding_replaces_ids_by_objects_and_adds_lists(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    full = await sandbox.stripe.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["line_items", "subscription.latest_invoice.payments", "customer"]}
    )
    found = full.to_dict()
    assert len(found["line_items"]["data"]) == 2
    assert found["subscription"]["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    assert found["customer"]["email"] == "buyer@example.com"


async def test_an_invoice_is_found_by_its_payment_intent(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    payments = sandbox.stripe.v1.invoice_payments
    of_invoice = await payments.list_async({"invoice": str(session.invoice)})
    intent = of_invoice.data[0].payment.payment_intent
    found = await payments.list_async({"payment": {"type": "payment_intent", "payment_intent": str(intent)}})
    assert [row.invoice for row in found.data] == [session.invoice]


async def test_a_portal_needs_a_configuration_that_exists(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"name": "A"})
    sessions = sandbox.stripe.v1.billing_portal.sessions
    with pytest.raises(stripe.InvalidRequestError, match="default configuration has not been created"):
        await sessions.create_async({"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="No such") as refused:
        await sessions.create_async({"customer": customer.id, "configuration": "bpc_1"})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "configuration")
    opened = await sandbox.create_portal_session(customer.id)
    listed = await sandbox.stripe.v1.billing_portal.configurations.list_async({"active": True})
    assert [row.id for row in listed.data] == [opened.configuration]
