"""Customers and what Checkout does with one: as Stripe's own reference describes it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox

OURS: dict[str, Any] = {
    "customer_update": {"name": "auto", "address": "auto"},
    "tax_id_collection": {"enabled": True},
    "billing_address_collection": "required",
    "adaptive_pricing": {"enabled": False},
}


async def a_customer(sandbox: RunningSandbox, **fields: Any) -> Any:
    return await sandbox.stripe.v1.customers.create_async({"name": "Quayside Rowing Club", **fields})


async def retrieved(sandbox: RunningSandbox, customer: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await sandbox.stripe.v1.customers.retrieve_async(customer.id)).to_dict()
    return found


@pytest.mark.parametrize("cart", ["devices", "subscription"])
async def test_a_customer_without_an_email_keeps_the_one_that_the_buyer_types(
    sandbox: RunningSandbox, cart: str
) -> None:
    customer = await a_customer(sandbox)
    open_page = sandbox.create_session if cart == "devices" else sandbox.create_subscription_session
    session = await open_page(customer=customer.id, **OURS)
    assert "readonly" not in (await sandbox.http.get(f"/c/pay/{session.id}")).text
    await sandbox.press_button(session, "pay", email="typed@example.com", name="Rowing Club Ltd")
    after = await retrieved(sandbox, customer)
    assert (after["email"], after["name"]) == ("typed@example.com", "Rowing Club Ltd")
    assert (after["address"]["line1"], after["address"]["country"]) == ("12 Harbour Street", "IE")
    updated = (await sandbox.wait_for_event("customer.updated"))["data"]
    assert updated["object"]["email"] == "typed@example.com"
    assert updated["previous_attributes"]["email"] is None
    assert "customer.created" not in sandbox.receiver.types()[1:]


async def test_a_customer_with_an_email_locks_it(sandbox: RunningSandbox) -> None:
    customer = await a_customer(sandbox, email="books@example.com")
    session = await sandbox.create_session(customer=customer.id, **OURS)
    assert 'value="books@example.com" readonly' in (await sandbox.http.get(f"/c/pay/{session.id}")).text
    await sandbox.press_button(session, "pay", email="typed@example.com")
    done = await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert done.customer_details is not None
    assert done.customer_details.email == "books@example.com"
    assert (await retrieved(sandbox, customer))["email"] == "books@example.com"


async def test_without_customer_update_the_page_writes_nothing_but_a_missing_email(
    sandbox: RunningSandbox,
) -> None:
    customer = await a_customer(sandbox)
    session = await sandbox.create_session(customer=customer.id)
    await sandbox.press_button(session, "pay", name="Somebody Else")
    after = await retrieved(sandbox, customer)
    assert (after["name"], after["address"], after["email"]) == (
        "Quayside Rowing Club",
        None,
        "buyer@example.com",
    )


async def test_a_required_billing_address_has_to_be_typed(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session(customer=(await a_customer(sandbox)).id, **OURS)
    for missing in ({"billing_line1": ""}, {"billing_country": ""}, {"name": ""}):
        answer = await sandbox.press_button(session, "pay", **missing)
        assert (answer.status_code, "billing name and address" in answer.text) == (422, True)
    assert (await sandbox.press_button(session, "pay")).status_code == 303


async def test_a_tax_id_is_asked_for_and_never_required(sandbox: RunningSandbox) -> None:
    given: list[Any] = []
    for typed in ("", "IE6388047V"):
        session = await sandbox.create_session(customer=(await a_customer(sandbox)).id, **OURS)
        assert (session.tax_id_collection.enabled, session.tax_id_collection.required) == (True, "never")
        await sandbox.press_button(session, "pay", tax_id=typed)
        done = await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)
        assert done.customer_details is not None
        given.append([each.to_dict() for each in done.customer_details.tax_ids])
    assert given == [[], [{"type": "eu_vat", "value": "IE6388047V"}]]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"customer_update": {"address": "auto"}}, "customer_update"),
        ({"customer_update": None}, "customer_update"),
        ({"customer_email": "a@example.com"}, "customer_email"),
        ({"customer_creation": "always"}, "customer_creation"),
        (
            {"customer_update": {"name": "auto", "shipping": "auto"}},
            "customer_update",
        ),
        ({"tax_id_collection": {"enabled": True, "required": "always"}}, "tax_id_collection[required]"),
        ({"billing_address_collection": "never"}, "billing_address_collection"),
        ({"customer": "cus_unknown"}, "customer"),
    ],
)
async def test_checkout_refuses_what_stripe_refuses_of_a_customer(
    sandbox: RunningSandbox, wrong: dict[str, Any], param: str
) -> None:
    params = {"customer": (await a_customer(sandbox)).id, **OURS, **wrong}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.create_session(**{key: value for key, value in params.items() if value is not None})
    assert refused.value.param == param


async def test_customer_update_without_a_customer_is_refused(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="can only be used with `customer`"):
        await sandbox.create_session(**OURS)


async def test_a_deleted_customer_says_only_that_it_is_and_is_unknown_to_everything_else(
    sandbox: RunningSandbox, faults: Callable[[type, dict[str, Any], str], list[str]]
) -> None:
    customer = await a_customer(sandbox, email="books@example.com")
    customers = sandbox.stripe.v1.customers
    gone = {"id": customer.id, "object": "customer", "deleted": True}
    assert (await customers.delete_async(customer.id)).to_dict() == gone
    assert await retrieved(sandbox, customer) == gone
    assert (await customers.list_async()).data == []
    for refused in (
        lambda: customers.delete_async(customer.id),
        lambda: customers.update_async(customer.id, {"name": "A"}),
        lambda: sandbox.create_session(customer=customer.id),
        lambda: sandbox.create_portal_session(customer.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            await refused()
        assert missing.value.code == "resource_missing"
    event = await sandbox.wait_for_event("customer.deleted")
    whole = json.loads(json.dumps(event, default=str))["data"]["object"]
    assert whole["email"] == "books@example.com"
    assert faults(stripe.Customer, whole, "customer.deleted") == []


async def test_the_subscriptions_of_a_deleted_customer_end_at_once(sandbox: RunningSandbox) -> None:
    customer = await a_customer(sandbox)
    bought = await sandbox.buy(await sandbox.create_subscription_session(customer=customer.id))
    await sandbox.stripe.v1.customers.delete_async(customer.id)
    ended = await sandbox.stripe.v1.subscriptions.retrieve_async(bought.subscription)
    assert ended.status == "canceled"
    await sandbox.wait_for_events("customer.subscription.deleted", "customer.deleted")


async def test_a_page_cannot_be_paid_for_a_customer_that_was_deleted(sandbox: RunningSandbox) -> None:
    customer = await a_customer(sandbox)
    session = await sandbox.create_session(customer=customer.id, **OURS)
    await sandbox.stripe.v1.customers.delete_async(customer.id)
    assert (await sandbox.press_button(session, "pay")).status_code == 422
    assert len(sandbox.internals.account.charges) == 0


async def test_language_and_tax_status_are_kept(sandbox: RunningSandbox) -> None:
    customer = await a_customer(sandbox, preferred_locales=["de", "en-GB"], tax_exempt="reverse")
    await sandbox.stripe.v1.customers.update_async(customer.id, {"phone": "+49 30 1234"})
    after = await retrieved(sandbox, customer)
    assert (after["preferred_locales"], after["tax_exempt"], after["phone"]) == (
        ["de", "en-GB"],
        "reverse",
        "+49 30 1234",
    )


@pytest.mark.parametrize(
    ("wrong", "param"),
    [({"phone": "1" * 21}, "phone"), ({"name": "n" * 257}, "name"), ({"email": "nobody"}, "email")],
)
async def test_a_customer_with_a_wrong_field_is_refused(
    sandbox: RunningSandbox, wrong: dict[str, str], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await a_customer(sandbox, **wrong)
    assert refused.value.param == param


async def test_a_session_says_what_was_taken_off_and_added(sandbox: RunningSandbox) -> None:
    session = (await sandbox.create_session()).to_dict()
    assert session["total_details"] == {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
