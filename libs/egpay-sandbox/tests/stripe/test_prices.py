"""Products and prices as Stripe takes and refuses them."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def refused(call: Any) -> tuple[str | None, str | None]:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await call
    return refusal.value.code, refusal.value.param


async def new_price(sandbox: RunningSandbox, amount: int = 700, **more: Any) -> Any:
    params: Any = {"product_data": {"name": "Reader"}, "currency": "eur", "unit_amount": amount, **more}
    return await sandbox.stripe.v1.prices.create_async(params)


@pytest.mark.parametrize(
    ("currency", "amount", "param"),
    [
        ("zzz", 100, "currency"),
        ("kwd", 1505, "unit_amount"),
        ("isk", 4950, "unit_amount"),
        ("ugx", 10, "unit_amount"),
    ],
)
async def test_a_currency_or_fraction_that_cannot_be_charged_is_refused(
    sandbox: RunningSandbox, currency: str, amount: int, param: str
) -> None:
    assert (await refused(new_price(sandbox, amount, currency=currency)))[1] == param


@pytest.mark.parametrize(("currency", "amount"), [("kwd", 1500), ("isk", 4900), ("jpy", 4901)])
async def test_an_amount_that_can_be_charged_is_taken(
    sandbox: RunningSandbox, currency: str, amount: int
) -> None:
    assert (await new_price(sandbox, amount, currency=currency)).unit_amount == amount


async def test_an_archived_price_opens_no_page(sandbox: RunningSandbox) -> None:
    price = await new_price(sandbox)
    archived = await sandbox.stripe.v1.prices.update_async(
        price.id, {"active": False, "metadata": {"a": "b"}}
    )
    assert (archived.active, archived.metadata.to_dict()) == (False, {"a": "b"})
    cart = [{"price": price.id, "quantity": 1}]
    assert await refused(sandbox.create_session(line_items=cart)) == (None, "line_items[0][price]")


async def test_an_unknown_price_is_missing_where_it_stands(sandbox: RunningSandbox) -> None:
    cart = [{"price": "price_gone", "quantity": 1}]
    assert await refused(sandbox.create_session(line_items=cart)) == (
        "resource_missing",
        "line_items[0][price]",
    )


async def test_a_price_of_an_inactive_product_opens_no_page(sandbox: RunningSandbox) -> None:
    price = await new_price(sandbox)
    product = await sandbox.stripe.v1.products.update_async(
        str(price.product), {"active": False, "name": "Old"}
    )
    assert (product.active, product.name) == (False, "Old")
    cart = [{"price": price.id, "quantity": 1}]
    assert await refused(sandbox.create_session(line_items=cart)) == (None, "line_items[0][price]")


async def test_a_lookup_key_belongs_to_one_price_and_moves_only_when_asked(sandbox: RunningSandbox) -> None:
    old, new = await new_price(sandbox, lookup_key="reader"), await new_price(sandbox, 900)
    update = sandbox.stripe.v1.prices.update_async
    assert (await refused(update(new.id, {"lookup_key": "reader"})))[1] == "lookup_key"
    await update(new.id, {"lookup_key": "reader", "transfer_lookup_key": True})
    found = await sandbox.stripe.v1.prices.list_async({"lookup_keys": ["reader"]})
    assert [price.id for price in found.data] == [new.id]
    assert (await sandbox.stripe.v1.prices.retrieve_async(old.id)).lookup_key is None


async def test_the_default_price_of_a_product_cannot_be_archived(sandbox: RunningSandbox) -> None:
    made = await sandbox.stripe.v1.products.create_async(
        {"name": "Reader", "default_price_data": {"currency": "eur", "unit_amount": 700}}
    )
    update = sandbox.stripe.v1.prices.update_async(str(made.default_price), {"active": False})
    assert (await refused(update))[1] == "active"


async def test_a_cart_below_the_least_charge_is_refused_and_a_free_one_is_not(
    sandbox: RunningSandbox,
) -> None:
    for amount, quantity, code in ((10, 4, "amount_too_small"), (10, 5, None), (0, 1, None)):
        price = await new_price(sandbox, amount)
        opening = sandbox.create_session(line_items=[{"price": price.id, "quantity": quantity}])
        if code:
            assert (await refused(opening))[0] == code
        else:
            assert (await opening).amount_total == amount * quantity


async def test_a_trial_costs_nothing_until_it_renews(sandbox: RunningSandbox) -> None:
    price = await new_price(sandbox, 1000, recurring={"interval": "month"})
    session = await sandbox.create_subscription_session(
        line_items=[{"price": price.id, "quantity": 1}], subscription_data={"trial_period_days": 14}
    )
    assert session.amount_total == 0
    bought = await sandbox.buy(session)
    began = await sandbox.stripe.v1.subscriptions.retrieve_async(str(bought.subscription))
    assert (began.status, (began.trial_end or 0) - (began.trial_start or 0)) == ("trialing", 14 * 86_400)
    await sandbox.post_control(f"subscriptions/{bought.subscription}/renew")
    ended = await sandbox.stripe.v1.subscriptions.retrieve_async(str(bought.subscription))
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(str(ended.latest_invoice))
    assert (ended.status, invoice.total) == ("active", 1000)
