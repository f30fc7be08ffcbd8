"""Every object is what the SDK's own types declare: nothing unknown, nothing missing (STRIPE.md 3.5)."""

import inspect
import json
import types
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import pytest
import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject

from egpay_sandbox.testing.live import Live

CLASSES: dict[str, type] = {
    "billing_portal.session": stripe.billing_portal.Session,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
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
    "refund": stripe.Refund,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
RECORDED = Path(__file__).parents[4] / "shared/stripe-payloads/objects/pay-rails__pay__vcr"

_LIST_KEYS = {"object", "data", "has_more", "url", "total_count"}
_NONE = type(None)


async def whole_life(sandbox: Live) -> None:
    """Everything the sandbox can make happen, once."""
    shipping = {"name": "Ada", "address": {"line1": "Ring 1", "city": "Wien", "country": "AT"}}
    customer = await sandbox.stripe.v1.customers.create_async(
        {"email": "a@example.com", "shipping": shipping}
    )
    await sandbox.press(await sandbox.session(), "decline")
    devices = await sandbox.bought(
        await sandbox.session(
            customer=customer.id,
            payment_intent_data={"metadata": {"sale_id": "s"}, "shipping": shipping},
            invoice_creation={"enabled": True},
        )
    )
    delayed = await sandbox.session(shipping_address_collection={"allowed_countries": ["AT"]})
    await sandbox.press(delayed, "delayed", shipping_line1="Ring 1", shipping_name="Ada")
    await sandbox.do(f"sessions/{delayed.id}/settle", outcome="failed")
    await sandbox.stripe.v1.checkout.sessions.expire_async((await sandbox.session()).id)
    mixed = await sandbox.bought(await sandbox.subscription_session(customer=customer.id))
    await sandbox.stripe.v1.billing_portal.sessions.create_async({"customer": customer.id})
    sub = await sandbox.do(f"subscriptions/{mixed.subscription}/renew", outcome="failed")
    await sandbox.do(f"invoices/{sub['latest_invoice']}/retry")
    await sandbox.do(f"subscriptions/{mixed.subscription}/pause")
    await sandbox.do(f"subscriptions/{mixed.subscription}/resume")
    await sandbox.do(f"subscriptions/{mixed.subscription}/pause", kind="collection")
    await sandbox.do(f"subscriptions/{mixed.subscription}/cancel", at="period_end")
    await sandbox.do(f"subscriptions/{mixed.subscription}/cancel")
    await sandbox.do(f"payment_intents/{devices.payment_intent}/refund", amount=100)
    charge = sandbox.world.account.payment_intents[str(devices.payment_intent)].latest_charge
    dispute = await sandbox.do(f"charges/{charge}/dispute")
    await sandbox.do(f"disputes/{dispute['id']}/close", outcome="lost")


async def every_event(sandbox: Live) -> list[dict[str, Any]]:
    await whole_life(sandbox)
    await sandbox.told("refund.updated", "charge.updated", "invoice_payment.paid", "charge.dispute.closed")
    pages = await sandbox.stripe.v1.events.list_async({"limit": 100})
    return [event.to_dict() async for event in pages.auto_paging_iter()]


async def test_every_object_in_every_event_is_what_the_sdk_declares(sandbox: Live) -> None:
    events = await every_event(sandbox)
    seen = set()
    for event in events:
        raw = json.loads(json.dumps(event, default=str))
        assert faults(stripe.Event, raw, event["type"]) == []
        thing = raw["data"]["object"]
        assert faults(CLASSES[thing["object"]], thing, event["type"]) == []
        seen.add(thing["object"])
    assert set(CLASSES) - seen == {"event", "item", "line_item", "subscription_item", "webhook_endpoint"}


async def test_every_answer_of_the_api_is_what_the_sdk_declares(sandbox: Live) -> None:
    await whole_life(sandbox)
    session = next(iter(sandbox.world.account.sessions)).id
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
        "webhook_endpoints",
    ):
        answer = await sandbox.http.get(f"/v1/{path}", headers={"Authorization": "Bearer sk_test_x"})
        rows = answer.json()["data"]
        assert rows
        assert [faults(CLASSES[row["object"]], row, path) for row in rows] == [[]] * len(rows)


async def test_an_undeclared_or_missing_key_would_be_noticed() -> None:
    assert faults(stripe.Refund, {"plan": 1}) != []
    assert any("required" in fault for fault in faults(stripe.Refund, {}))


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded payloads are not part of this repository")
@pytest.mark.parametrize(
    ("name", "kind", "absent"),
    [
        (
            "subscription__2026-03-25.dahlia__connect_direct_subscription__6",
            "subscription",
            {"plan", "quantity"},
        ),
        ("invoice__2026-03-25.dahlia__stripe_can_create_an_invoice__25", "invoice", set()),
        (
            "checkout.session__2026-03-25.dahlia__checkout_success_url_includes_session_id__1",
            "checkout.session",
            set(),
        ),
        (
            "customer__2026-03-25.dahlia__billing_portal_session__0",
            "customer",
            {"tax", "invoice_credit_balance"},
        ),
    ],
)
async def test_every_key_of_a_recorded_object_is_emitted(
    sandbox: Live, name: str, kind: str, absent: set[str]
) -> None:
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    await whole_life(sandbox)
    events = (await sandbox.stripe.v1.events.list_async({"limit": 100})).data
    emitted = next(o for e in events if (o := e.to_dict()["data"]["object"])["object"] == kind)
    assert recorded.keys() - emitted.keys() - {"object"} == absent


def faults(cls: type, value: dict[str, Any], path: str = "") -> list[str]:
    """Keys the class does not declare, required keys that are missing, values of another type."""
    declared = _fields(cls)
    found = [f"{path}.{key} is not declared by {cls.__qualname__}" for key in value if key not in declared]
    found += [
        f"{path}.{key} is required by {cls.__qualname__}"
        for key, hint in declared.items()
        if _NONE not in _options(hint) and key not in value
    ]
    for key, part in value.items():
        if key in declared:
            found += _mismatch(declared[key], part, f"{path}.{key}")
    return found


def _fields(cls: type) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for parent in reversed(cls.__mro__):
        if issubclass(parent, StripeObject) and parent is not StripeObject:
            fields |= inspect.get_annotations(parent)
    return {key: hint for key, hint in fields.items() if get_origin(hint) is not ClassVar}


def _options(hint: Any) -> list[Any]:
    if isinstance(hint, str):
        return _options(ForwardRef(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return [option for part in get_args(hint) for option in _options(part)]
    return [hint]


def _mismatch(hint: Any, value: Any, path: str) -> list[str]:
    options = _options(hint)
    if value is None:
        return [] if _NONE in options else [f"{path} is null but required"]
    problems = [_against(option, value, path) for option in options if option is not _NONE]
    return min(problems, key=len, default=[])


def _against(option: Any, value: Any, path: str) -> list[str]:
    if isinstance(option, ForwardRef):
        option = getattr(stripe, option.__forward_arg__, None)
    origin = get_origin(option)
    if origin is ListObject:
        return _list_faults(get_args(option)[0], value, path)
    if origin is list and isinstance(value, list):
        part = get_args(option)[0]
        return [fault for n, v in enumerate(value) for fault in _mismatch(part, v, f"{path}[{n}]")]
    if isinstance(option, type) and issubclass(option, StripeObject) and option is not UntypedStripeObject:
        return faults(option, value, path) if isinstance(value, dict) else [f"{path} is no object"]
    return [] if _fits(option, origin, value) else [f"{path} is {value!r}, not {option}"]


def _fits(option: Any, origin: Any, value: Any) -> bool:
    if origin is Literal:
        return value in get_args(option)
    if UntypedStripeObject in (origin, option):
        return isinstance(value, dict)
    if option is Decimal:
        return isinstance(value, str)
    return (
        isinstance(option, type) and isinstance(value, option) and (option is bool) == isinstance(value, bool)
    )


def _list_faults(part: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or value.get("object") != "list" or not value.keys() <= _LIST_KEYS:
        return [f"{path} is no list object"]
    return [fault for n, row in enumerate(value["data"]) for fault in _mismatch(part, row, f"{path}[{n}]")]
