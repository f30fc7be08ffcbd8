"""Coupons and promotion codes: what they take off, of which invoice, and when they are refused."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.stripe.discounts import shared_discount
from egpay_sandbox.stripe.objects import Coupon
from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def coupon(sandbox: RunningSandbox, **terms: Any) -> str:
    made = await sandbox.stripe.v1.coupons.create_async({"duration": "once", **terms})
    return str(made.id)


async def code_of(sandbox: RunningSandbox, code: str, coupon_id: str, **terms: Any) -> Any:
    promotion = {"type": "coupon", "coupon": coupon_id}
    return await sandbox.stripe.v1.promotion_codes.create_async(
        {"promotion": promotion, "code": code, **terms}
    )


async def test_a_coupon_is_taken_off_the_session_its_lines_and_its_charge(sandbox: RunningSandbox) -> None:
    half = await coupon(sandbox, percent_off=50)
    session = await sandbox.create_session(discounts=[{"coupon": half}])
    assert (session.amount_subtotal, session.amount_total) == (7500, 3750)
    assert session.total_details.amount_discount == 3750
    assert [(d.coupon, d.promotion_code) for d in session.discounts] == [(half, None)]
    lines = await sandbox.stripe.v1.checkout.sessions.line_items.list_async(session.id)
    assert [(row.amount_subtotal, row.amount_discount, row.amount_total) for row in lines.data] == [
        (7500, 3750, 3750)
    ]
    await sandbox.buy(session)
    assert sandbox.internals.account.charges.newest_first()[0].amount == 3750
    assert (await sandbox.stripe.v1.coupons.retrieve_async(half)).times_redeemed == 1


async def test_a_code_typed_on_the_page_makes_an_order_free_which_needs_no_payment(
    sandbox: RunningSandbox,
) -> None:
    code = await code_of(sandbox, "GIFT", await coupon(sandbox, percent_off=100))
    session = await sandbox.create_session(allow_promotion_codes=True)
    wrong = await sandbox.press_button(session, "promotion", promotion_code="NOPE")
    assert (wrong.status_code, "code is invalid" in wrong.text) == (422, True)
    await sandbox.press_button(session, "promotion", promotion_code="gift ")
    assert "Discount" in (await sandbox.http.get(f"/c/pay/{session.id}")).text
    done = await sandbox.buy(session)
    assert (done.status, done.payment_status, done.payment_intent) == (
        "complete",
        "no_payment_required",
        None,
    )
    assert (done.amount_subtotal, done.amount_total) == (7500, 0)
    assert [(d.coupon, d.promotion_code) for d in done.discounts] == [(None, code.id)]
    told = (await sandbox.wait_for_event("checkout.session.completed"))["data"]["object"]
    assert told["total_details"]["amount_discount"] == 7500


async def test_a_free_subscription_has_a_paid_invoice_and_no_charge(sandbox: RunningSandbox) -> None:
    free = await coupon(sandbox, percent_off=100)
    session = await sandbox.buy(await sandbox.create_subscription_session(discounts=[{"coupon": free}]))
    assert session.payment_status == "no_payment_required"
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(str(session.invoice))
    assert (invoice.subtotal, invoice.total, invoice.amount_due, invoice.status) == (8500, 0, 0, "paid")
    assert [row.amount for row in invoice.total_discount_amounts] == [8500]
    assert len(sandbox.internals.account.charges) == 0
    await sandbox.wait_for_events("customer.subscription.created", "invoice.paid")


@pytest.mark.parametrize(
    ("terms", "totals"),
    [
        ({"duration": "once"}, [4250, 1000, 1000]),
        ({"duration": "forever"}, [4250, 500, 500]),
        ({"duration": "repeating", "duration_in_months": 2}, [4250, 500, 1000]),
    ],
)
async def test_a_coupon_holds_for_as_many_invoices_as_it_says(
    sandbox: RunningSandbox, terms: dict[str, Any], totals: list[int]
) -> None:
    half = await coupon(sandbox, percent_off=50, **terms)
    session = await sandbox.buy(await sandbox.create_subscription_session(discounts=[{"coupon": half}]))
    for _ in range(2):
        await sandbox.post_control(f"subscriptions/{session.subscription}/renew")
    assert [invoice.total for invoice in sandbox.internals.account.invoices] == totals


async def test_a_discount_of_a_subscription_is_set_and_taken_away_over_the_api(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    sub, subscriptions = str(session.subscription), sandbox.stripe.v1.subscriptions
    free = await coupon(sandbox, percent_off=100, duration="forever")
    changed = await subscriptions.update_async(sub, {"discounts": [{"coupon": free}]})
    assert len(changed.discounts) == 1
    expanded = await subscriptions.retrieve_async(sub, {"expand": ["discounts.source.coupon"]})
    assert expanded.discounts[0].source.coupon.percent_off == 100
    renewed = await sandbox.post_control(f"subscriptions/{sub}/renew")
    invoice = await sandbox.stripe.v1.invoices.retrieve_async(renewed["latest_invoice"])
    assert (invoice.status, invoice.total) == ("paid", 0)
    assert (await subscriptions.update_async(sub, {"discounts": ""})).discounts == []
    await sandbox.wait_for_events("customer.discount.created", "customer.discount.deleted")


@pytest.mark.parametrize(
    "terms",
    [
        {"max_redemptions": 1},
        {"expires_at": 1},
        {"active": False},
        {"restrictions": {"minimum_amount": 7501, "minimum_amount_currency": "eur"}},
        {"restrictions": {"minimum_amount": 1, "minimum_amount_currency": "usd"}},
    ],
)
async def test_a_code_is_refused_when_its_terms_do_not_hold(
    sandbox: RunningSandbox, terms: dict[str, Any]
) -> None:
    code = await code_of(sandbox, "TERMS", await coupon(sandbox, percent_off=10), **terms)
    if "max_redemptions" in terms:
        await sandbox.buy(await sandbox.create_session(discounts=[{"promotion_code": code.id}]))
    session = await sandbox.create_session(allow_promotion_codes=True)
    refused = await sandbox.press_button(session, "promotion", promotion_code="TERMS")
    assert refused.status_code == 422
    assert (await sandbox.buy(session)).amount_total == 7500


async def test_a_session_takes_a_discount_or_codes_but_not_both(sandbox: RunningSandbox) -> None:
    half = await coupon(sandbox, percent_off=50)
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        await sandbox.create_session(discounts=[{"coupon": half}], allow_promotion_codes=True)
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon"):
        await sandbox.create_session(discounts=[{"coupon": "none"}])
    dollars = await coupon(sandbox, amount_off=100, currency="usd")
    with pytest.raises(stripe.InvalidRequestError, match="currency"):
        await sandbox.create_session(discounts=[{"coupon": dollars}])
    most = await coupon(sandbox, amount_off=7499, currency="eur")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.create_session(discounts=[{"coupon": most}])
    assert refusal.value.code == "amount_too_small"


async def test_a_deleted_coupon_redeems_nothing_new_and_keeps_what_it_gave(sandbox: RunningSandbox) -> None:
    half = await coupon(sandbox, percent_off=50, duration="forever")
    plan = [line(1000, "Plan", every="month")]
    session = await sandbox.buy(
        await sandbox.create_subscription_session(line_items=plan, discounts=[{"coupon": half}])
    )
    await sandbox.stripe.v1.coupons.delete_async(half)
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.coupons.retrieve_async(half)
    await sandbox.post_control(f"subscriptions/{session.subscription}/renew")
    assert [invoice.total for invoice in sandbox.internals.account.invoices] == [500, 500]


def test_an_amount_is_shared_out_over_the_lines_to_the_last_cent() -> None:
    ten = Coupon(id="ten", created=0, duration="once", amount_off=1000, currency="eur")
    assert shared_discount(ten, [1000, 2000, 4000]) == [143, 286, 571]
    assert shared_discount(ten, [300, 0, 400]) == [300, 0, 400]
    third = Coupon(id="third", created=0, duration="once", percent_off=33.3)
    assert shared_discount(third, [1000, 5]) == [333, 2]
