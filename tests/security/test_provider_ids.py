"""A provider's id is data: it reaches no path, header or key unless it has the form of an id."""

import copy
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from egpay_system import EgpaySystem
from webhook_sender import name, post_webhook, raw_event

from egpay.adapters.stripe.inbound.translation import translate
from egpay.adapters.stripe.outbound.client import connect
from egpay.adapters.stripe.outbound.history import StripeHistory
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.domain.errors import Defect
from egpay.domain.values import InvoiceId, PaymentIntentId, SessionId, SubscriptionId, is_id
from egpay.ports.inbox import Disposition
from egpay.ports.webhooks import BadBody
from egpay.testing import stripe_objects as stripe
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NO_IDS = [
    "../../v1/events?x=",
    "..",
    "sub\n",
    "\nsub",
    "sub_1\r\nIdempotency-Key: mine",
    "sub_1/items",
    "sub_1?expand[]=customer",
    "sub_1#",
    "sub 1",
    "sub_1%2F..",
    "süb_1",
    "sub_1" * 52,
    "",
    "_-",
]
OBJECTS: dict[str, Callable[..., dict[str, Any]]] = {
    "checkout.session.completed": stripe.session,
    "checkout.session.expired": stripe.session,
    "customer.subscription.updated": stripe.subscription,
    "customer.subscription.deleted": stripe.subscription,
    "invoice.paid": stripe.invoice,
    "invoice.payment_failed": stripe.invoice,
    "charge.refunded": stripe.charge,
    "refund.failed": stripe.refund,
    "charge.dispute.created": stripe.dispute,
    "charge.dispute.closed": stripe.dispute,
}
REFERENCES = [
    *((kind, "id") for kind in OBJECTS if kind != "charge.refunded"),
    *(
        ("checkout.session.completed", field)
        for field in ("customer", "subscription", "invoice", "payment_intent")
    ),
    ("customer.subscription.updated", "customer"),
    ("invoice.paid", "customer"),
    ("invoice.paid", "subscription"),
    ("invoice.paid", "payment_intent"),
    ("invoice.payment_failed", "subscription"),
    *((kind, "payment_intent") for kind in OBJECTS if kind.startswith(("charge", "refund"))),
]


def rendered(kind: str) -> dict[str, Any]:
    """Renders the object of an event in a generation whose references are fields of their own."""
    generation = Generation.ACACIA if kind.startswith("invoice") else Generation.ENDIVE
    return copy.deepcopy(OBJECTS[kind](generation))


@pytest.mark.parametrize("hostile", NO_IDS)
@pytest.mark.parametrize(("kind", "field"), REFERENCES)
@pytest.mark.parametrize("expanded", [False, True])
def test_an_event_with_what_is_no_id_is_dead_lettered_under_the_name_of_the_field(
    kind: str, field: str, hostile: str, *, expanded: bool
) -> None:
    content = rendered(kind)
    content[field] = {"id": hostile} if expanded and field != "id" else hostile
    receipt = translate(event(kind, content), live=False, at=NOW)
    assert receipt.disposition is Disposition.PARKED
    assert receipt.event is None
    assert field in (receipt.reason or "")
    assert not hostile.strip() or hostile not in (receipt.reason or "")


@pytest.mark.parametrize("hostile", [f"sale_{text}" for text in NO_IDS if text not in ("", "_-")])
@pytest.mark.parametrize("kind", [kind for kind in OBJECTS if not kind.startswith(("refund", "charge.d"))])
def test_a_mark_without_the_full_shape_of_ours_names_no_sale(kind: str, hostile: str) -> None:
    content = OBJECTS[kind](Generation.ENDIVE, sale_id=hostile)
    receipt = translate(event(kind, content), live=False, at=NOW)
    assert receipt.disposition in (Disposition.ACCEPTED, Disposition.IGNORED)
    assert receipt.sale_id is None
    assert receipt.event is None or receipt.event.sale_id is None


@pytest.mark.parametrize("hostile", NO_IDS)
def test_an_event_under_what_is_no_id_is_no_event(hostile: str) -> None:
    body = event("invoice.paid", rendered("invoice.paid"), event_id=hostile)
    with pytest.raises(BadBody):
        translate(body, live=False, at=NOW)


@pytest.mark.parametrize("kind", OBJECTS)
def test_ids_of_any_prefix_and_of_255_characters_are_read(kind: str) -> None:
    content = rendered(kind)
    content["id"] = "zz9" + "a-B_7" * 50 + "xy"
    assert is_id(content["id"])
    assert translate(event(kind, content), live=False, at=NOW).disposition is Disposition.ACCEPTED


@pytest.fixture
async def stripe_server() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


Lookup = Callable[[StripePayments, StripeHistory, str], Coroutine[Any, Any, object]]
LOOKUPS: dict[str, Lookup] = {
    "payment": lambda payments, _, text: payments.trace_payment(PaymentIntentId(text)),
    "subscription": lambda payments, _, text: payments.subscription(SubscriptionId(text)),
    "owner": lambda payments, _, text: payments.owner(SubscriptionId(text)),
    "invoice": lambda payments, _, text: payments.open_invoice(InvoiceId(text)),
    "expiry": lambda payments, _, text: payments.expire_checkout(SessionId(text)),
    "history": lambda _, history, text: history.session(SessionId(text)),
}


@pytest.mark.parametrize("hostile", NO_IDS)
@pytest.mark.parametrize("lookup", LOOKUPS)
async def test_an_id_that_was_stored_before_ids_were_checked_calls_no_other_address(
    stripe_server: ScriptedHttp, lookup: str, hostile: str
) -> None:
    api = connect("sk_test_1", api_base=stripe_server.url, retries=0)
    payments = StripePayments(api, lambda: NOW, "https://shop.example/ok", "https://shop.example/no")
    history = StripeHistory(api, live=False, clock=lambda: NOW)
    with pytest.raises(Defect, match="has not the form of one"):
        await LOOKUPS[lookup](payments, history, hostile)
    await api.aclose()
    assert stripe_server.heard == []


async def test_an_id_in_an_answer_of_stripes_calls_no_other_address(stripe_server: ScriptedHttp) -> None:
    stripe_server.say(ScriptedAnswer(body=b'{"id": "sub_1", "customer": "../events"}'))
    api = connect("sk_test_1", api_base=stripe_server.url, retries=0)
    payments = StripePayments(api, lambda: NOW, "https://shop.example/ok", "https://shop.example/no")
    with pytest.raises(Defect, match="customer"):
        await payments.owner(SubscriptionId("sub_1"))
    await api.aclose()
    assert len(stripe_server.heard) == 1


@pytest.mark.parametrize(
    ("kind", "field", "hostile"),
    [
        ("charge.refunded", "payment_intent", "../../v1/events?x="),
        ("customer.subscription.updated", "id", "sub\n"),
        ("invoice.paid", "id", "in_1\r\nEgpay-Message-Id: evt_1"),
    ],
)
async def test_a_running_system_sets_the_event_aside_and_sends_no_message_of_it(
    dirty_system: EgpaySystem, kind: str, field: str, hostile: str
) -> None:
    event_id, content = name("evt"), rendered(kind)
    content[field] = hostile
    answer = post_webhook(dirty_system, raw_event(kind, content, event_id=event_id))
    assert answer.status_code == 200
    [letter] = await dirty_system.ask(
        "SELECT reason, failed_in FROM dead_letters WHERE message_id = $1", event_id
    )
    assert letter["failed_in"] == "inbox"
    assert field in letter["reason"]
    assert hostile not in letter["reason"]
    assert await dirty_system.ask("SELECT FROM outbox WHERE message_id = $1", event_id) == []
    [stored] = await dirty_system.ask("SELECT disposition FROM webhook_events WHERE event_id = $1", event_id)
    assert stored["disposition"] == "parked"
