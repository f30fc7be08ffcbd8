"""Every object is what the SDK's own types declare: nothing unknown, nothing missing (STRIPE.md 3.5)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox
from egpay_sandbox.testing.whole_life import whole_life

Faults = Callable[[type, dict[str, Any], str], list[str]]
CLASSES: dict[str, type] = {
    "billing_portal.configuration": stripe.billing_portal.Configuration,
    "billing_portal.session": stripe.billing_portal.Session,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "coupon": stripe.Coupon,
    "credit_note": stripe.CreditNote,
    "customer": stripe.Customer,
    "customer_balance_transaction": stripe.CustomerBalanceTransaction,
    "discount": stripe.Discount,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "invoiceitem": stripe.InvoiceItem,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "price": stripe.Price,
    "product": stripe.Product,
    "promotion_code": stripe.PromotionCode,
    "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning,
    "refund": stripe.Refund,
    "review": stripe.Review,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
RECORDED = Path(__file__).parents[5] / "shared/stripe-payloads/objects/pay-rails__pay__vcr"


async def every_event(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    await whole_life(sandbox)
    await sandbox.wait_for_events(
        "refund.updated", "charge.updated", "invoice_payment.paid", "charge.dispute.closed"
    )
    pages = await sandbox.stripe.v1.events.list_async({"limit": 100})
    return [event.to_dict() async for event in pages.auto_paging_iter()]


async def test_every_object_in_every_event_is_what_the_sdk_declares(
    sandbox: RunningSandbox, faults: Faults
) -> None:
    events = await every_event(sandbox)
    seen = set()
    for event in events:
        raw = json.loads(json.dumps(event, default=str))
        assert faults(stripe.Event, raw, event["type"]) == []
        thing = raw["data"]["object"]
        assert faults(CLASSES[thing["object"]], thing, event["type"]) == []
        seen.add(thing["object"])
    assert set(CLASSES) - seen == {
        "customer_balance_transaction",
        "event",
        "item",
        "line_item",
        "subscription_item",
        "webhook_endpoint",
    }


async def test_every_answer_of_the_api_is_what_the_sdk_declares(
    sandbox: RunningSandbox, faults: Faults
) -> None:
    await whole_life(sandbox)
    session = next(iter(sandbox.internals.account.sessions)).id
    for path in (
        "customers",
        "products",
        "prices",
        "checkout/sessions",
        f"checkout/sessions/{session}/line_items",
        "subscriptions?status=all",
        "invoices",
        "invoice_payments",
        "refunds",
        "disputes",
        "coupons",
        "promotion_codes",
        "radar/early_fraud_warnings",
        "reviews",
        "credit_notes",
        f"customers/{sandbox.internals.account.balance_transactions.newest_first()[0].customer}/balance_transactions",
        "webhook_endpoints",
        "billing_portal/configurations",
    ):
        answer = await sandbox.http.get(f"/v1/{path}", headers={"Authorization": "Bearer sk_test_x"})
        rows = answer.json()["data"]
        assert rows
        assert [faults(CLASSES[row["object"]], row, path) for row in rows] == [[]] * len(rows)


async def test_an_undeclared_or_missing_key_would_be_noticed(faults: Faults) -> None:
    assert faults(stripe.Refund, {"plan": 1}, "") != []
    assert any("required" in fault for fault in faults(stripe.Refund, {}, ""))


async def test_every_key_of_a_recorded_object_is_emitted(sandbox: RunningSandbox) -> None:
    await whole_life(sandbox)
    newest = await sandbox.stripe.v1.events.list_async({"limit": 100})
    events = [event.to_dict()["data"]["object"] async for event in newest.auto_paging_iter()]
    known = {
        "subscription__2026-03-25.dahlia__connect_direct_subscription__6": {"plan", "quantity"},
        "invoice__2026-03-25.dahlia__stripe_can_create_an_invoice__25": set(),
        "checkout.session__2026-03-25.dahlia__checkout_success_url_includes_session_id__1": set(),
        "customer__2026-03-25.dahlia__billing_portal_session__0": {"tax", "invoice_credit_balance"},
    }
    assert events
    for path in (RECORDED / f"{name}.json" for name in known):
        if not path.exists():  # the recordings are not part of this repository
            continue
        recorded, name, absent = json.loads(path.read_text()), path.stem, known[path.stem]
        emitted = next(thing for thing in events if thing["object"] == recorded["object"])
        assert recorded.keys() - emitted.keys() == absent, name
