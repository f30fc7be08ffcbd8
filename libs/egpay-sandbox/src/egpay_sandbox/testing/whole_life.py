"""Whole life of an account: everything that the sandbox can make happen, once, to look at every object."""

from egpay_sandbox.testing.running_sandbox import RunningSandbox

_SHIPPING = {"name": "Ada", "address": {"line1": "Ring 1", "city": "Wien", "country": "AT"}}
_TRIAL = {"trial_period_days": 10, "metadata": {"sale_id": "s"}}


async def whole_life(sandbox: RunningSandbox) -> None:
    """Lives through every kind of event, part by part."""
    customer = await sandbox.stripe.v1.customers.create_async(
        {"email": "a@example.com", "shipping": _SHIPPING}
    )
    intent = await _checkout(sandbox, customer.id)
    await _discounts(sandbox)
    await _subscription(sandbox, customer.id)
    await _changes(sandbox)
    await _invoices(sandbox, customer.id)
    await _money_back(sandbox, intent)
    await _risk(sandbox, str(sandbox.internals.account.payment_intents[intent].latest_charge))


async def _checkout(sandbox: RunningSandbox, customer: str) -> str:
    """Pays, is declined, expires, and pays by debit; returns the paid session's payment intent."""
    await sandbox.press_button(await sandbox.create_session(), "decline")
    devices = await sandbox.buy(
        await sandbox.create_session(
            customer=customer,
            payment_intent_data={"metadata": {"sale_id": "s"}, "shipping": _SHIPPING},
            invoice_creation={"enabled": True},
        )
    )
    delayed = await sandbox.create_session(shipping_address_collection={"allowed_countries": ["AT"]})
    await sandbox.press_button(delayed, "delayed", shipping_line1="Ring 1", shipping_name="Ada")
    await sandbox.post_control(f"sessions/{delayed.id}/settle", outcome="failed")
    await sandbox.stripe.v1.checkout.sessions.expire_async((await sandbox.create_session()).id)
    return str(devices.payment_intent)


async def _discounts(sandbox: RunningSandbox) -> None:
    """Redeems a coupon, a code that makes an order free, and changes and deletes what can be."""
    api = sandbox.stripe.v1
    half = await api.coupons.create_async(
        {"percent_off": 50, "duration": "repeating", "duration_in_months": 3, "name": "Half"}
    )
    await sandbox.buy(await sandbox.create_subscription_session(discounts=[{"coupon": half.id}]))
    await api.coupons.update_async(half.id, {"name": "Half price"})
    free = await api.coupons.create_async({"amount_off": 7500, "currency": "eur", "duration": "once"})
    code = await api.promotion_codes.create_async(
        {"promotion": {"type": "coupon", "coupon": free.id}, "code": "FREE"}
    )
    session = await sandbox.create_session(allow_promotion_codes=True)
    await sandbox.post_control(f"sessions/{session.id}/pay", promotion_code="free")
    await api.promotion_codes.update_async(code.id, {"active": False})
    await api.coupons.delete_async(
        (await api.coupons.create_async({"percent_off": 1, "duration": "once"})).id
    )


async def _subscription(sandbox: RunningSandbox, customer: str) -> None:
    mixed = await sandbox.buy(await sandbox.create_subscription_session(customer=customer))
    await sandbox.create_portal_session(customer)
    sub = await sandbox.post_control(f"subscriptions/{mixed.subscription}/renew", outcome="failed")
    await sandbox.post_control(f"invoices/{sub['latest_invoice']}/retry")
    await sandbox.post_control(f"subscriptions/{mixed.subscription}/pause")
    await sandbox.post_control(f"subscriptions/{mixed.subscription}/resume")
    await sandbox.post_control(f"subscriptions/{mixed.subscription}/pause", kind="collection")
    await sandbox.post_control(f"subscriptions/{mixed.subscription}/cancel", at="period_end")
    await sandbox.post_control(f"subscriptions/{mixed.subscription}/cancel")
    note = await sandbox.post_control(f"invoices/{sub['latest_invoice']}/credit", amount=100)
    await sandbox.post_control(f"credit_notes/{note['id']}/void")


async def _changes(sandbox: RunningSandbox) -> None:
    """Changes plan and seats, pauses, tries out, creates again, and deletes the customer."""
    api = sandbox.stripe.v1
    session = await sandbox.buy(await sandbox.create_subscription_session(subscription_data=_TRIAL))
    sub = str(session.subscription)
    await sandbox.post_control(f"subscriptions/{sub}/trial_will_end")
    await api.subscriptions.update_async(sub, {"trial_end": "now"})
    await sandbox.post_control(f"subscriptions/{sub}/change", quantity=3)
    await sandbox.post_control(f"subscriptions/{sub}/change", quantity=1, proration="always_invoice")
    await sandbox.post_control(
        f"subscriptions/{sub}/pause", kind="collection", resumes_at=sandbox.internals.clock.now() + 3600
    )
    await sandbox.post_control(f"subscriptions/{sub}/cancel", at="portal")
    await sandbox.post_control(f"subscriptions/{sub}/keep")
    await api.subscriptions.update_async(sub, {"collection_method": "send_invoice", "days_until_due": 7})
    await sandbox.post_control(f"subscriptions/{sub}/renew")
    await sandbox.post_control(f"subscriptions/{sub}/recreate")
    await sandbox.post_control(f"customers/{session.customer}/delete")


async def _invoices(sandbox: RunningSandbox, customer: str) -> None:
    """Ends an invoice in every way, credits one in every way, and changes the customer's balance."""
    api = sandbox.stripe.v1
    await api.customers.balance_transactions.create_async(customer, {"amount": -50, "currency": "eur"})
    bought = await sandbox.buy(await sandbox.create_subscription_session(customer=customer))
    note = await sandbox.post_control(
        f"invoices/{bought.invoice}/credit", amount=300, refund_amount=100, credit_amount=100
    )
    await api.credit_notes.update_async(note["id"], {"memo": "late"})
    for verb in ("void", "write_off", "pay_out_of_band", "credit"):
        sub = await sandbox.post_control(
            f"subscriptions/{bought.subscription}/renew", outcome="requires_action"
        )
        await sandbox.post_control(f"invoices/{sub['latest_invoice']}/{verb}")


async def _money_back(sandbox: RunningSandbox, intent: str) -> None:
    """Refunds a hundred in every status a refund can get."""
    await sandbox.post_control(f"payment_intents/{intent}/refund", amount=100)
    for status in ("succeeded", "failed", "canceled"):
        refund = await sandbox.post_control(f"payment_intents/{intent}/refund", amount=100, status="pending")
        await sandbox.post_control(f"refunds/{refund['id']}/settle", status=status)
    await sandbox.post_control(f"payment_intents/{intent}/refund", amount=100, status="requires_action")


async def _risk(sandbox: RunningSandbox, charge: str) -> None:
    """Disputes a hundred through every status, an inquiry first, and lets Radar speak."""
    dispute = await sandbox.post_control(
        f"charges/{charge}/dispute", amount=100, status="warning_needs_response"
    )
    for status in ("needs_response", "lost", "appeal_needs_response", "appeal_under_review", "won"):
        await sandbox.post_control(f"disputes/{dispute['id']}/move", status=status)
    inquiry = await sandbox.post_control(
        f"charges/{charge}/dispute", amount=100, status="warning_under_review"
    )
    await sandbox.post_control(f"disputes/{inquiry['id']}/close", outcome="warning_closed")
    await sandbox.post_control(f"charges/{charge}/dispute", amount=100, status="prevented", due_seconds=0)
    reviewed = await sandbox.post_control(f"charges/{charge}/dispute", amount=100)
    await sandbox.post_control(f"disputes/{reviewed['id']}/move", status="under_review")
    warning = await sandbox.post_control(f"charges/{charge}/warn")
    await sandbox.post_control(f"warnings/{warning['id']}/settle")
    review = await sandbox.post_control(f"charges/{charge}/review")
    await sandbox.post_control(f"reviews/{review['id']}/close", reason="refunded_as_fraud")
    await sandbox.post_control(f"charges/{charge}/review")
