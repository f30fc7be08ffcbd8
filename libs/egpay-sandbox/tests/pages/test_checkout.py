"""The hosted page: what a buyer can click, and where it takes him."""

from time import monotonic

import pytest

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def test_paying_leads_to_the_success_page_with_the_session_filled_in(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    page = await sandbox.http.get(f"/c/pay/{session.id}")
    assert page.status_code == 200
    assert "Reader" in page.text
    assert "75.00 EUR" in page.text
    answer = await sandbox.press_button(session, "pay")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://shop.test/done?session={session.id}"
    paid = await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "buyer@example.com"


async def test_the_page_allows_nothing_foreign_but_the_way_back_to_the_shop(sandbox: RunningSandbox) -> None:
    page = await sandbox.http.get(f"/c/pay/{(await sandbox.create_session()).id}")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test" in policy
    assert "<script" not in page.text


async def test_a_declined_card_leaves_the_session_open(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    answer = await sandbox.press_button(session, "decline", email="ada@example.com")
    assert (answer.status_code, "Your card was declined" in answer.text) == (200, True)
    assert 'value="ada@example.com"' in answer.text
    await sandbox.wait_for_events("charge.failed", "payment_intent.payment_failed", "payment_intent.created")
    paid = await sandbox.buy(session)
    assert paid.payment_status == "paid"
    events = await sandbox.wait_for_events("checkout.session.completed", "charge.succeeded")
    assert len([e for e in events if e["type"] == "payment_intent.created"]) == 1


async def test_a_declined_subscription_leaves_no_incomplete_one_behind(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_subscription_session()
    await sandbox.press_button(session, "decline")
    await sandbox.wait_for_events("payment_intent.payment_failed")
    assert len(sandbox.internals.account.subscriptions) == 0


async def test_cancel_leads_back_to_the_cart(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    answer = await sandbox.press_button(session, "cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, "http://shop.test/cart")
    assert sandbox.internals.account.sessions[session.id].status == "open"


async def test_a_given_email_is_shown_and_cannot_be_changed(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session(customer_email="admin@example.com", customer_creation="always")
    page = await sandbox.http.get(f"/c/pay/{session.id}")
    assert 'value="admin@example.com" readonly' in page.text
    await sandbox.press_button(session, "pay", email="somebody@else.com")
    done = await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert done.customer_details is not None
    assert done.customer_details.email == "admin@example.com"
    customer = await sandbox.stripe.v1.customers.retrieve_async(str(done.customer))
    assert customer.email == "admin@example.com"


async def test_a_guest_has_no_customer(sandbox: RunningSandbox) -> None:
    assert (await sandbox.buy(await sandbox.create_session())).customer is None


async def test_paying_without_an_email_says_what_is_wrong(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    answer = await sandbox.press_button(session, "pay", email="nobody")
    assert answer.status_code == 422
    assert "Invalid email address" in answer.text


async def test_a_shipping_address_is_asked_for_and_kept(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session(shipping_address_collection={"allowed_countries": ["DE", "AT"]})
    assert (await sandbox.press_button(session, "pay")).status_code == 422
    await sandbox.press_button(
        session,
        "pay",
        shipping_line1="Ring 1",
        shipping_city="Wien",
        shipping_country="AT",
        shipping_name="Ada",
    )
    done = (await sandbox.stripe.v1.checkout.sessions.retrieve_async(session.id)).to_dict()
    details = done["collected_information"]["shipping_details"]
    assert (details["name"], details["address"]["country"]) == ("Ada", "AT")


@pytest.mark.parametrize("twice", ["pay", "cancel", "decline"])
async def test_a_paid_session_cannot_be_paid_again(sandbox: RunningSandbox, twice: str) -> None:
    session = await sandbox.create_session()
    await sandbox.buy(session)
    answer = await sandbox.press_button(session, twice)
    assert answer.status_code == 410
    assert f'href="http://shop.test/done?session={session.id}"' in answer.text
    assert len(sandbox.internals.account.charges) == 1


async def test_a_session_expires_on_its_own_and_says_so(sandbox: RunningSandbox) -> None:
    soon = sandbox.internals.clock.now() + 1801
    session = await sandbox.create_session(expires_at=soon)
    await sandbox.post_control("clock", advance=1799)
    assert sandbox.internals.account.sessions[session.id].status == "open"
    await sandbox.post_control("clock", advance=3)
    await sandbox.wait_for_events("checkout.session.expired")
    expired = (await sandbox.wait_for_event("checkout.session.expired"))["data"]["object"]
    assert (expired["status"], expired["url"], expired["metadata"]) == (
        "expired",
        None,
        {"sale_id": "sale_1"},
    )
    page = await sandbox.http.get(f"/c/pay/{session.id}")
    assert page.status_code == 410
    assert "expired" in page.text


async def test_a_session_can_be_expired_once_by_request(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    assert (await sandbox.stripe.v1.checkout.sessions.expire_async(session.id)).status == "expired"
    answer = await sandbox.http.post(f"/sandbox/sessions/{session.id}/expire")
    assert answer.status_code == 400


async def test_pay_waits_for_our_answer_but_not_for_ever(sandbox: RunningSandbox) -> None:
    sandbox.receiver.delay_seconds = 0.2
    begun = monotonic()
    await sandbox.buy(await sandbox.create_session())
    assert monotonic() - begun >= 0.2
    sandbox.receiver.delay_seconds = 1.5
    begun = monotonic()
    await sandbox.buy(await sandbox.create_session())
    assert 0.6 <= monotonic() - begun < 1.5
    sandbox.receiver.delay_seconds = 0.0


async def test_the_back_link_leads_to_the_cart(sandbox: RunningSandbox) -> None:
    page = await sandbox.http.get(f"/c/pay/{(await sandbox.create_session()).id}")
    assert '<a href="http://shop.test/cart">' in page.text


async def test_a_number_that_is_declined_or_unknown_is_not_paid_with(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    declined = await sandbox.press_button(session, "pay", card_number="4000000000000002")
    assert "Your card was declined" in declined.text
    await sandbox.wait_for_events("charge.failed")
    unknown = await sandbox.press_button(session, "pay", card_number="1234")
    assert (unknown.status_code, "not one of the test cards" in unknown.text) == (422, True)
    assert sandbox.internals.account.sessions[session.id].status == "open"
    assert (await sandbox.press_button(session, "pay", card_number="5555 5555 5555 4444")).status_code == 303


@pytest.mark.parametrize(
    ("button", "event", "status"),
    [
        ("debit_succeeds", "checkout.session.async_payment_succeeded", "paid"),
        ("debit_fails", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
async def test_a_bank_answers_later_as_the_buyer_chose(
    sandbox: RunningSandbox, button: str, event: str, status: str
) -> None:
    session = await sandbox.create_session()
    assert (await sandbox.press_button(session, button)).status_code == 303
    await sandbox.wait_for_events("checkout.session.completed")
    assert event not in sandbox.receiver.types()
    await sandbox.post_control("clock", advance=11)
    await sandbox.wait_for_events(event)
    assert sandbox.internals.account.sessions[session.id].payment_status == status


async def test_a_bank_that_answered_at_the_desk_does_not_answer_twice(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    await sandbox.press_button(session, "debit_fails")
    await sandbox.post_control(f"sessions/{session.id}/settle", outcome="succeeded")
    await sandbox.post_control("clock", advance=11)
    await sandbox.wait_for_events("checkout.session.async_payment_succeeded")
    assert "checkout.session.async_payment_failed" not in sandbox.receiver.types()


async def test_a_subscription_says_what_it_costs_today_and_then(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_subscription_session()
    page = (await sandbox.http.get(f"/c/pay/{session.id}")).text
    assert '<p class="sum">85.00 EUR</p>' in page
    assert "Then 10.00 EUR per month from" in page
    assert ">Pay</button>" in page


async def test_a_trial_is_shown_and_started_without_a_payment(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_subscription_session(
        line_items=[line(1000, "Plan", 2, every="month")], subscription_data={"trial_period_days": 14}
    )
    page = (await sandbox.http.get(f"/c/pay/{session.id}")).text
    assert "14 days free, then 2 \N{MULTIPLICATION SIGN} 10.00 EUR per month" in page
    assert '<p class="sum">0.00 EUR</p>' in page
    assert "Then 20.00 EUR per month from" in page
    assert ">Start trial</button>" in page


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("jpy", 2900, "2,900 JPY"), ("kwd", 14900, "14.900 KWD"), ("isk", 190000, "1,900 ISK")],
)
async def test_amounts_have_their_currencys_own_digits(
    sandbox: RunningSandbox, currency: str, amount: int, shown: str
) -> None:
    cart = [{"price_data": {**line(amount, "Reader")["price_data"], "currency": currency}, "quantity": 1}]
    session = await sandbox.create_session(line_items=cart)
    assert f'<p class="sum">{shown}</p>' in (await sandbox.http.get(f"/c/pay/{session.id}")).text
    assert shown in (await sandbox.http.get("/")).text


async def test_a_promotion_code_is_applied_removed_and_not_forgotten(sandbox: RunningSandbox) -> None:
    api = sandbox.stripe.v1
    half = await api.coupons.create_async({"percent_off": 50, "duration": "once"})
    promotion = {"type": "coupon", "coupon": half.id}
    await api.promotion_codes.create_async({"promotion": promotion, "code": "HALF"})
    assert (
        "Promotion code" not in (await sandbox.http.get(f"/c/pay/{(await sandbox.create_session()).id}")).text
    )
    session = await sandbox.create_session(allow_promotion_codes=True)
    wrong = await sandbox.press_button(session, "promotion", promotion_code="nothing")
    assert (wrong.status_code, "This code is invalid" in wrong.text) == (422, True)
    applied = await sandbox.press_button(session, "promotion", promotion_code="half", name="Ada L.")
    assert "HALF: 50 % off" in applied.text
    assert "37.50 EUR" in applied.text
    assert 'value="buyer@example.com"' in applied.text
    removed = await sandbox.press_button(session, "remove_promotion")
    assert ("75.00 EUR" in removed.text, "HALF" in removed.text) == (True, False)
    reminded = await sandbox.press_button(session, "pay", promotion_code="half")
    assert (reminded.status_code, "look at the new total" in reminded.text) == (200, True)
    assert (await sandbox.buy(session)).amount_total == 3750


async def test_a_code_for_everything_asks_for_no_card(sandbox: RunningSandbox) -> None:
    api = sandbox.stripe.v1
    gift = await api.coupons.create_async({"percent_off": 100, "duration": "once"})
    promotion = {"type": "coupon", "coupon": gift.id}
    await api.promotion_codes.create_async({"promotion": promotion, "code": "GIFT"})
    session = await sandbox.create_session(allow_promotion_codes=True)
    page = (await sandbox.press_button(session, "promotion", promotion_code="gift")).text
    assert ("Complete order" in page, "Card number" in page) == (True, False)
    paid = await sandbox.buy(session)
    assert (paid.status, paid.payment_status, paid.payment_intent) == (
        "complete",
        "no_payment_required",
        None,
    )
