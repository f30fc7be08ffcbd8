"""The billing portal does what Stripe's does, as far as its configuration goes and no further."""

from dataclasses import dataclass
from typing import Any

import pytest

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox
from egpay_sandbox.testing.serving import until


@dataclass
class Customer:
    """A customer with a monthly plan of 10.00 EUR, in a portal that offers 30.00 a month and 100.00 a year."""

    sandbox: RunningSandbox
    id: str
    subscription: str
    prices: dict[str, str]
    products: dict[str, str]
    home: str = ""

    async def enter(self, **features: Any) -> str:
        """Opens a portal with these features; returns its address."""
        enabled = {name: {"enabled": True, **more} for name, more in features.items()}
        portal = await self.sandbox.create_portal_session(
            self.id, enabled, return_url="http://shop.test/account"
        )
        self.home = portal.url
        return self.home

    def plans(self, **more: Any) -> dict[str, Any]:
        """The feature that lets a customer change plan and quantity."""
        offers = [{"product": self.products[n], "prices": [self.prices[n]]} for n in self.prices]
        return {"default_allowed_updates": ["price", "quantity"], "products": offers, **more}

    async def post(self, what: str, **form: Any) -> int:
        answer = await self.sandbox.http.post(
            f"{self.home}/subscriptions/{self.subscription}/{what}", data=form
        )
        return answer.status_code

    async def page(self, what: str = "") -> str:
        path = f"/subscriptions/{self.subscription}/{what}" if what else ""
        return (await self.sandbox.http.get(self.home + path)).text

    def stored(self) -> Any:
        return self.sandbox.internals.account.subscriptions[self.subscription]


@pytest.fixture
async def customer(sandbox: RunningSandbox) -> Customer:
    api = sandbox.stripe.v1
    prices, products = {}, {}
    for name, amount, interval in (
        ("small", 1000, "month"),
        ("large", 3000, "month"),
        ("year", 10000, "year"),
    ):
        product = await api.products.create_async({"name": f"Plan {name}"})
        made = await api.prices.create_async(
            {
                "product": product.id,
                "currency": "eur",
                "unit_amount": amount,
                "recurring": {"interval": interval},
            }
        )
        prices[name], products[name] = made.id, product.id
    cart = [{"price": prices["small"], "quantity": 1}]
    bought = await sandbox.buy(await sandbox.create_subscription_session(line_items=cart))
    await sandbox.wait_until_idle()
    sandbox.receiver.received.clear()
    return Customer(sandbox, str(bought.customer), str(bought.subscription), prices, products)


async def test_a_dearer_plan_is_shown_with_its_price_and_charged_with_the_next_invoice(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_update=customer.plans(proration_behavior="create_prorations"))
    assert "Plan large" in await customer.page("change")
    confirm = await customer.page(f"confirm?price={customer.prices['large']}&quantity=2")
    assert "2 \N{MULTIPLICATION SIGN} 30.00 EUR per month" in confirm
    assert "Unused time on 1 x Plan small" in confirm
    assert "More on the invoice of" in confirm
    assert customer.stored().items[0].price == customer.prices["small"]
    assert await customer.post("change", price=customer.prices["large"], quantity=2) == 303
    item = customer.stored().items[0]
    assert (item.price, item.quantity) == (customer.prices["large"], 2)
    updated = (await sandbox.wait_for_event("customer.subscription.updated"))["data"]
    before = updated["previous_attributes"]["items"]["data"][0]
    assert (before["price"]["id"], before["quantity"]) == (customer.prices["small"], 1)
    assert [row.prorated for row in sandbox.internals.account.invoice_items] == [-1000, 6000]
    assert "invoice.created" not in sandbox.receiver.types()
    assert "for 110.00 EUR" in await customer.page()


async def test_a_plan_of_another_interval_begins_and_is_charged_at_once(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_update=customer.plans(proration_behavior="create_prorations"))
    confirm = await customer.page(f"confirm?price={customer.prices['year']}&quantity=1")
    assert [">\N{MINUS SIGN}10.00 EUR<" in confirm, ">100.00 EUR<" in confirm, ">90.00 EUR<" in confirm] == [
        True
    ] * 3
    await customer.post("change", price=customer.prices["year"], quantity=1)
    await sandbox.wait_for_events("invoice.created", "invoice.finalized", "invoice.paid")
    newest = sandbox.internals.account.invoices.newest_first()[0]
    assert (newest.billing_reason, newest.total, newest.status) == ("subscription_update", 9000, "paid")


async def test_prorations_are_charged_at_once_where_the_shop_wants_it(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_update=customer.plans(proration_behavior="always_invoice"))
    assert ">20.00 EUR<" in await customer.page(f"confirm?price={customer.prices['large']}&quantity=1")
    await customer.post("change", price=customer.prices["large"], quantity=1)
    newest = sandbox.internals.account.invoices.newest_first()[0]
    assert (newest.billing_reason, newest.total) == ("subscription_update", 2000)


async def test_what_the_shop_has_not_configured_is_refused(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    other = (await sandbox.create_subscription_session(line_items=[line(1, "Plan", 100, every="month")])).id
    foreign = sandbox.internals.account.sessions[other].lines[0].price
    await customer.enter(
        subscription_update={
            "default_allowed_updates": ["price"],
            "products": [{"product": customer.products["large"], "prices": [customer.prices["large"]]}],
        }
    )
    assert await customer.post("change", price=foreign, quantity=1) == 400
    assert await customer.post("change", price=customer.prices["year"], quantity=1) == 400
    assert await customer.post("change", price=customer.prices["large"], quantity=2) == 400
    assert await customer.post("change", price=customer.prices["small"], quantity=1) == 400
    assert await customer.post("cancel") == 400
    assert (await sandbox.http.post(f"{customer.home}/card", data={"card_number": "4242"})).status_code == 400
    answer = await sandbox.http.post(f"{customer.home}/details", data={"email": "new@example.com"})
    assert (answer.status_code, "not changed in this portal" in answer.text) == (400, True)
    assert "Invoice history" not in await customer.page()
    assert customer.stored().items[0].price == customer.prices["small"]
    await customer.enter(invoice_history={})
    assert await customer.post("change", price=customer.prices["large"], quantity=1) == 400


async def test_a_trial_ends_with_a_change_of_its_plan(sandbox: RunningSandbox, customer: Customer) -> None:
    session = await sandbox.create_subscription_session(
        line_items=[{"price": customer.prices["small"], "quantity": 1}],
        subscription_data={"trial_period_days": 10},
    )
    bought = await sandbox.buy(session)
    trial = Customer(
        sandbox, str(bought.customer), str(bought.subscription), customer.prices, customer.products
    )
    await trial.enter(subscription_update=trial.plans())
    assert "Your trial ends with the change" in await trial.page(f"confirm?price={trial.prices['large']}")
    await trial.post("change", price=trial.prices["large"], quantity=1)
    assert trial.stored().status == "active"
    assert sandbox.internals.account.invoices.newest_first()[0].total == 3000


async def test_an_end_is_set_with_the_period_by_cancel_at_alone_and_taken_back(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_cancel={}, subscription_update=customer.plans())
    assert "Cancel subscription" in await customer.page()
    assert await customer.post("cancel") == 303
    ending = customer.stored()
    assert (ending.cancel_at, ending.cancel_at_period_end) == (ending.period_end, False)
    assert "It will be cancelled" in await customer.page()
    assert await customer.post("change", price=customer.prices["large"], quantity=1) == 400
    assert await customer.post("keep") == 303
    assert customer.stored().cancel_at is None
    await customer.post("cancel")
    await sandbox.post_control("clock", advance=32 * 24 * 3600)
    await until(lambda: "customer.subscription.deleted" in sandbox.receiver.types())


async def test_a_subscription_ends_now_where_the_shop_wants_it(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_cancel={"mode": "immediately"})
    assert "It ends at once" in await customer.page("cancel")
    assert await customer.post("cancel") == 303
    assert customer.stored().status == "canceled"
    await sandbox.wait_for_events("customer.subscription.deleted")
    assert await customer.post("cancel") == 400


async def test_another_card_pays_from_now_on_and_a_declined_one_does_not(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    home = await customer.enter(payment_method_update={})
    before = customer.stored().default_payment_method
    refused = await sandbox.http.post(f"{home}/card", data={"card_number": "4000 0000 0000 0002"})
    assert (refused.status_code, "Your card was declined" in refused.text) == (422, True)
    assert customer.stored().default_payment_method == before
    assert (
        await sandbox.http.post(f"{home}/card", data={"card_number": "5555555555554444"})
    ).status_code == 303
    events = await sandbox.wait_for_events(
        "payment_method.attached", "customer.updated", "customer.subscription.updated"
    )
    [updated] = [e for e in events if e["type"] == "customer.subscription.updated"]
    assert updated["data"]["previous_attributes"] == {"default_payment_method": before}
    [attached] = [e["data"]["object"] for e in events if e["type"] == "payment_method.attached"]
    assert attached["id"] == customer.stored().default_payment_method
    assert (attached["card"]["brand"], attached["card"]["last4"]) == ("mastercard", "4444")
    assert "Mastercard ending in 4444" in await customer.page()


async def test_details_are_changed_as_far_as_the_shop_lets_them(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    home = await customer.enter(customer_update={"allowed_updates": ["email", "address"]})
    typed = {"email": "no-address", "name": "New name", "line1": "Ring 1", "city": "Wien", "country": "AT"}
    wrong = await sandbox.http.post(f"{home}/details", data=typed)
    assert (wrong.status_code, "Invalid email address" in wrong.text) == (422, True)
    await sandbox.http.post(f"{home}/details", data={**typed, "email": "books@example.com"})
    known = (await sandbox.stripe.v1.customers.retrieve_async(customer.id)).to_dict()
    assert (known["email"], known["name"], known["address"]["city"]) == (
        "books@example.com",
        "Ada Buyer",
        "Wien",
    )
    updated = (await sandbox.wait_for_event("customer.updated"))["data"]
    assert updated["previous_attributes"]["email"] == "buyer@example.com"


async def test_the_invoice_history_leads_to_each_invoice(sandbox: RunningSandbox, customer: Customer) -> None:
    await customer.enter(invoice_history={})
    [invoice] = sandbox.internals.account.invoices
    assert f'href="/invoices/{invoice.id}"' in await customer.page()
    page = await sandbox.http.get(f"/invoices/{invoice.id}")
    assert ("Plan small" in page.text, "10.00 EUR" in page.text, page.status_code) == (True, True, 200)
    await sandbox.post_control(f"subscriptions/{customer.subscription}/renew", outcome="failed")
    open_invoice = sandbox.internals.account.invoices.newest_first()[0].id
    assert (await sandbox.http.post(f"/invoices/{open_invoice}")).status_code == 303
    assert sandbox.internals.account.invoices[open_invoice].status == "paid"
    assert (await sandbox.http.post(f"/invoices/{open_invoice}")).status_code == 422
    assert (await sandbox.http.get("/invoices/in_unknown")).status_code == 404


async def test_a_link_dies_after_five_minutes_unless_it_is_used(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    used, unused = await customer.enter(invoice_history={}), await customer.enter(invoice_history={})
    await sandbox.post_control("clock", advance=270)
    assert (await sandbox.http.get(used)).status_code == 200
    await sandbox.post_control("clock", advance=60)
    late = await sandbox.http.get(unused)
    assert (late.status_code, "This link has expired" in late.text) == (410, True)
    assert 'href="http://shop.test/account"' in late.text
    assert (await sandbox.http.get(used)).status_code == 200
    await sandbox.post_control("clock", advance=3601)
    assert (await sandbox.http.get(used)).status_code == 410


async def test_a_guessed_link_and_anothers_subscription_open_nothing(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_cancel={})
    assert (await sandbox.http.get(customer.home[:-3] + "xyz")).status_code == 404
    other = await sandbox.buy(await sandbox.create_subscription_session())
    url = f"{customer.home}/subscriptions/{other.subscription}/cancel"
    assert (await sandbox.http.post(url)).status_code == 404
    assert sandbox.internals.account.subscriptions[str(other.subscription)].cancel_at is None


async def test_several_products_and_an_invoiced_subscription_can_only_be_cancelled(
    sandbox: RunningSandbox, customer: Customer
) -> None:
    await customer.enter(subscription_cancel={}, subscription_update=customer.plans())
    items = sandbox.stripe.v1.subscription_items
    extra = await items.create_async(
        {"subscription": customer.subscription, "price": customer.prices["large"]}
    )
    assert "several products" in await customer.page()
    assert await customer.post("change", price=customer.prices["large"], quantity=1) == 400
    await items.delete_async(extra.id)
    await sandbox.stripe.v1.subscriptions.update_async(
        customer.subscription, {"collection_method": "send_invoice", "days_until_due": 7}
    )
    assert "paid by invoice" in await customer.page()
    assert await customer.post("cancel") == 303
