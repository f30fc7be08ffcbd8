"""The hosted page: what a buyer can click, and where it takes him."""

from time import monotonic

import pytest

from egpay_sandbox.testing.running_sandbox import RunningSandbox
from egpay_sandbox.testing.serving import until


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
    answer = await sandbox.press_button(session, "decline")
    assert answer.headers["location"] == f"/c/pay/{session.id}?declined=true"
    assert "declined" in (await sandbox.http.get(answer.headers["location"])).text
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


async def test_the_portal_cancels_at_the_period_end_by_cancel_at_alone(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    portal = await sandbox.create_portal_session(str(session.customer), return_url="http://shop.test/account")
    assert "Cancel subscription" in (await sandbox.http.get(portal.url)).text
    answer = await sandbox.http.post(portal.url, data={"subscription": str(session.subscription)})
    assert answer.status_code == 303
    sub = await sandbox.stripe.v1.subscriptions.retrieve_async(str(session.subscription))
    assert sub.cancel_at is not None
    assert (sub.status, sub.cancel_at_period_end) == ("active", False)
    assert "It will be cancelled" in (await sandbox.http.get(portal.url)).text
    await sandbox.post_control("clock", advance=32 * 24 * 3600)
    await until(lambda: "customer.subscription.deleted" in sandbox.receiver.types())


async def test_a_guessed_portal_link_opens_nothing(sandbox: RunningSandbox) -> None:
    session = await sandbox.buy(await sandbox.create_subscription_session())
    portal = await sandbox.create_portal_session(str(session.customer))
    assert (await sandbox.http.get(portal.url[:-3] + "xyz")).status_code == 404
