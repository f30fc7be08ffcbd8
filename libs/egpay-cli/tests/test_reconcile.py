import asyncio
import secrets
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from operator_system import EgpayCommand, OperatorSystem, until

from egpay.adapters.stripe.outbound.history import StripeHistory
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.adapters.system.clock import utc_now
from egpay.domain.order import Order, OrderLine
from egpay.domain.sale import Sale
from egpay.ports.history import Window
from egpay.testing.builders import moment, order, sale
from egpay_sandbox.config import Config
from egpay_sandbox.stripe.risk_signals import warn_of_fraud
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import free_socket, served

KEY = "sk_test_sandbox"
MONTH = 31 * 86_400
BOOKS = """
    SELECT (SELECT json_agg(s ORDER BY id)::text FROM (SELECT id, status, refunded FROM sales) AS s) AS sales,
           (SELECT json_agg(s ORDER BY id)::text
            FROM (SELECT id, status, quantity FROM subscriptions) AS s) AS subscriptions,
           (SELECT json_agg(p ORDER BY id)::text
            FROM (SELECT id, amount, amount_refunded FROM payments) AS p) AS payments,
           (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM organisations) AS organisations,
           (SELECT count(*) FROM shipments) AS shipments,
           (SELECT count(*) FROM outbox WHERE subject LIKE 'billing.commands.%') AS commands,
           (SELECT count(*) FROM dead_letters) AS letters
"""


@pytest.fixture
async def stripe() -> AsyncIterator[RunningSandbox]:
    """Stripe, whose webhooks nobody of ours hears."""
    sock, url = free_socket()
    receiver = WebhookReceiver(url)
    config = Config(retry_base=0.05, checkout_wait=0.1, aftermath_delay=0.0)
    async with served(receiver, sock), running_sandbox(config, receiver) as sandbox:
        yield sandbox


@pytest.fixture
def reconciling(system: OperatorSystem, stripe: RunningSandbox) -> EgpayCommand:
    """The program, with a key for this Stripe."""
    return EgpayCommand({**system.egpay.env, "STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": stripe.url})


async def priced(stripe: RunningSandbox, placed: Order) -> Order:
    """The order at prices that this Stripe has, as a synced catalogue knows them."""
    lines: list[OrderLine] = []
    async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {KEY}"}) as client:
        for line in placed.lines:
            form: dict[str, str | int] = {
                "currency": line.currency,
                "unit_amount": line.unit_amount,
                "product_data[name]": line.name,
                **({"recurring[interval]": line.interval.value} if line.interval else {}),
            }
            answer = (await client.post(f"{stripe.url}/v1/prices", data=form)).raise_for_status()
            lines.append(msgspec.structs.replace(line, price=answer.json()["id"]))
    return msgspec.structs.replace(placed, lines=tuple(lines))


async def sold(system: OperatorSystem, stripe: RunningSandbox) -> tuple[Sale, str]:
    """A sale with its Checkout page open; and the page's session."""
    placed = await priced(stripe, order(email=f"ada.{secrets.token_hex(4)}@example.com"))
    opened = sale(placed, at=(utc_now() - moment()).total_seconds())
    payments = StripePayments.connect(
        secret_key=KEY, storefront_url="http://shop.test", clock=utc_now, api_base=stripe.url
    )
    customer = await payments.create_customer(opened, placed)
    session = await payments.open_checkout(opened, placed, customer)
    await payments.aclose()
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
        await uow.sales.session_opened(opened.id, session)
    return opened, session.id


async def paid(system: OperatorSystem, stripe: RunningSandbox) -> tuple[Sale, str]:
    opened, session_id = await sold(system, stripe)
    await stripe.post_control(f"sessions/{session_id}/pay")
    return opened, session_id


async def worked_off(system: OperatorSystem) -> bool:
    """Everything that was entered is worked on."""
    return not await system.ask("""
        SELECT 1 FROM outbox WHERE subject LIKE 'billing.events.%'
        AND NOT EXISTS (SELECT FROM processed_messages AS p WHERE p.message_id = outbox.message_id)
    """)


async def settled(system: OperatorSystem) -> None:
    await until(lambda: worked_off(system), what="the worker does not get through")


async def test_after_an_outage_the_list_of_events_leads_to_the_state_that_webhooks_would_have(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    bought = [await paid(system, stripe) for _ in range(3)]
    await stripe.wait_until_idle()
    ended = (await stripe.http.get("/v1/subscriptions", headers={"authorization": f"Bearer {KEY}"})).json()
    await stripe.post_control(f"subscriptions/{ended['data'][0]['id']}/cancel")
    await system.ask("UPDATE sales SET created_at = now() - interval '1 day'")
    told = (await reconciling("reconcile", "--reason", "we were away", "--json")).json
    assert told["found"]["missed"] == len(told["findings"]) >= 12
    assert all("no webhook" in finding["what"] for finding in told["findings"])
    async with system.working():
        await settled(system)
        [books] = await system.ask(BOOKS)
        assert books["sales"].count('"paid"') == len(bought)
        assert (books["subscriptions"].count('"active"'), books["subscriptions"].count('"canceled"')) == (
            2,
            1,
        )
        assert (books["users"], books["shipments"], books["letters"]) == (3, 3, 0)

        again = (await reconciling("reconcile", "--json")).json
        assert again["findings"] == []
        await settled(system)
        assert await system.ask(BOOKS) == [books]
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'reconciled'")
    assert line["what"].endswith(": we were away")


async def test_reconciling_beside_live_and_late_webhooks_adds_no_effect(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    await paid(system, stripe)
    await paid(system, stripe)
    await stripe.wait_until_idle()
    history = StripeHistory.connect(secret_key=KEY, clock=utc_now, api_base=stripe.url)
    since = utc_now().replace(year=utc_now().year - 1)
    late = [told.receipt for told in (await history.events(Window(since), None)).told]
    await history.aclose()
    async with system.working():

        async def webhooks() -> None:
            for receipt in late:
                await system.storage.inbox.record_many([receipt])
                await asyncio.sleep(0.01)

        await asyncio.gather(webhooks(), reconciling("reconcile"), reconciling("reconcile"), webhooks())
        await settled(system)
        [books] = await system.ask(BOOKS)
        assert (books["users"], books["shipments"], books["letters"]) == (2, 2, 0)
        assert len(await system.ask("SELECT 1 FROM webhook_events WHERE source = 'stripe'")) == len(late)
        told = (await reconciling("reconcile", "--json")).json
        assert {finding["kind"] for finding in told["findings"]} <= {"late"}
        await settled(system)
        assert await system.ask(BOOKS) == [books]


async def test_what_was_missed_and_comes_after_all_is_told_as_late_once(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    await paid(system, stripe)
    await stripe.wait_until_idle()
    told = (await reconciling("reconcile", "--only", "events", "--json")).json
    history = StripeHistory.connect(secret_key=KEY, clock=utc_now, api_base=stripe.url)
    since = utc_now().replace(year=utc_now().year - 1)
    await system.storage.inbox.record_many(
        [each.receipt for each in (await history.events(Window(since), None)).told]
    )
    await history.aclose()
    late = (await reconciling("reconcile", "--only", "events", "--json")).json
    assert late["found"] == {"late": told["found"]["missed"]}
    assert (await reconciling("reconcile", "--only", "events", "--json")).json["findings"] == []


async def test_a_checkout_whose_end_no_event_tells_is_found_by_its_sale(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    bought, _ = await paid(system, stripe)
    expired, session_id = await sold(system, stripe)
    waiting, _ = await sold(system, stripe)
    await stripe.post_control(f"sessions/{session_id}/expire")
    await system.ask("UPDATE sales SET created_at = now() - interval '1 day'")
    async with system.working():
        told = (await reconciling("reconcile", "--only", "sessions", "--json")).json
        assert set(told["found"]) == {"stale"}
        await settled(system)
    rows = {row["id"]: row["status"] for row in await system.ask("SELECT id, status FROM sales")}
    assert rows == {bought.id: "paid", expired.id: "expired", waiting.id: "in_progress"}
    assert len(await system.ask("SELECT 1 FROM users")) == 1
    assert (await reconciling("reconcile", "--only", "sessions", "--json")).json["findings"] == []


async def test_what_is_older_than_the_list_of_events_is_found_by_a_snapshot(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    await paid(system, stripe)
    await stripe.wait_until_idle()
    for event in list(stripe.internals.account.events):
        stripe.internals.account.events.remove(event.id)
    async with system.working():
        assert (await reconciling("reconcile", "--only", "events", "--json")).json["findings"] == []
        told = (await reconciling("reconcile", "--only", "snapshot", "--json")).json
        assert sorted(finding["type"] for finding in told["findings"]) == ["invoice.paid", "subscription"]
        await settled(system)
        [books] = await system.ask(BOOKS)
        assert '"paid"' in books["sales"]
        assert (books["users"], books["shipments"]) == (1, 1)
        assert (await reconciling("reconcile", "--json")).json["findings"] == []
        await settled(system)
        assert await system.ask(BOOKS) == [books]


async def recorded(system: OperatorSystem) -> dict[str, list[str]]:
    """What the snapshot entered beside subscriptions and invoices: states by the type of the object."""
    rows = await system.ask(
        "SELECT type, event_id FROM webhook_events WHERE source = 'reconcile' "
        "AND type NOT IN ('subscription', 'invoice.paid') ORDER BY type, event_id"
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["type"], []).append(row["event_id"].rpartition(":")[2])
    return found


async def test_a_snapshot_enters_disputes_refunds_warnings_reviews_and_credit_notes_and_records_open_invoices(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    _, session = await paid(system, stripe)
    await paid(system, stripe)
    account = stripe.internals.account
    subscription = account.sessions[session].subscription
    refunded, disputed = (row.id for row in account.charges)
    refund = await stripe.post_control(f"charges/{refunded}/refund", amount=100)
    dispute = await stripe.post_control(f"charges/{disputed}/dispute")
    await stripe.post_control(f"charges/{disputed}/warn")
    await stripe.post_control(f"charges/{disputed}/review")
    closed = await stripe.post_control(f"charges/{refunded}/review")
    await stripe.post_control(f"reviews/{closed['id']}/close")
    await stripe.post_control(f"invoices/{account.sessions[session].invoice}/credit", amount=1)
    await stripe.post_control(f"subscriptions/{subscription}/renew", outcome="failed")
    once = {
        "charge.dispute.updated": ["needs_response"],
        "credit_note.updated": ["issued"],
        "invoice.open": ["open"],
        "radar.early_fraud_warning.updated": ["actionable"],
        "refund.updated": ["succeeded"],
        "review.opened": ["open"],
    }
    for _ in range(2):
        told = (await reconciling("reconcile", "--only", "snapshot", "--json")).json
        assert await recorded(system) == once
    assert {finding["type"] for finding in told["findings"]} <= {"subscription"}
    ignored = await system.ask(
        "SELECT DISTINCT type FROM webhook_events WHERE source = 'reconcile' AND disposition = 'ignored'"
    )
    assert {row["type"] for row in ignored} == {"invoice.open"}
    await stripe.post_control(f"refunds/{refund['id']}/fail")
    await stripe.post_control(f"disputes/{dispute['id']}/close", outcome="won")
    await reconciling("reconcile", "--only", "snapshot")
    assert await recorded(system) == once | {
        "charge.dispute.updated": ["needs_response", "won"],
        "refund.updated": ["failed", "succeeded"],
    }
    assert not await system.letters()


async def test_a_snapshot_reads_every_page_of_a_list(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    await paid(system, stripe)
    [charge] = [row.id for row in stripe.internals.account.charges]
    for _ in range(205):
        warn_of_fraud(stripe.internals.account, charge)
    await reconciling("reconcile", "--only", "snapshot")
    assert await recorded(system) == {"radar.early_fraud_warning.updated": ["actionable"] * 205}


async def test_a_sweep_that_was_interrupted_goes_on_and_the_command_says_why_it_failed(
    system: OperatorSystem, stripe: RunningSandbox, reconciling: EgpayCommand
) -> None:
    await paid(system, stripe)
    await stripe.wait_until_idle()
    await stripe.http.post("/sandbox/outage", json={"answer": 503})
    down = await reconciling("reconcile", expect=1)
    assert "Stripe" in down.err
    assert "Traceback" not in down.err
    await stripe.http.delete("/sandbox/outage")
    assert (await reconciling("reconcile", "--json")).json["found"]["missed"]
    await reconciling("reconcile", "--only", "nonsense", expect=2)
