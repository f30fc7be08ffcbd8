from collections.abc import AsyncIterator

import pytest
from forked_cli import Ran
from operator_system import Desk, Program

from egpay.adapters.nats.connection import connected
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay_sandbox.config import Config
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import free_socket, served


@pytest.fixture
async def stripe() -> AsyncIterator[RunningSandbox]:
    sock, url = free_socket()
    receiver = WebhookReceiver(url)
    async with served(receiver, sock), running_sandbox(Config(), receiver) as sandbox:
        yield sandbox


@pytest.fixture
def egpay(desk: Desk, stripe: RunningSandbox) -> Program:
    more = {
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_API_BASE": stripe.url,
        "PUBLIC_URL": stripe.receiver.url,
    }
    return Program({**desk.egpay.env, **more})


def states(ran: Ran) -> dict[str, str]:
    return {check["what"]: check["state"] for check in ran.json["checks"]}


def words(ran: Ran, what: str) -> str:
    return " ".join(check["words"] for check in ran.json["checks"] if check["what"] == what)


async def test_a_healthy_system_is_told_so_with_every_check(egpay: Program) -> None:
    ran = await egpay("doctor", "--json")
    assert ran.json["healthy"]
    assert states(ran) == {
        **dict.fromkeys(
            ["configuration", "database", "grants", "outbox", "lost", "dead letters", "cases"], "ok"
        ),
        **dict.fromkeys(["silence", "broker", "lag", "stripe", "webhook endpoint", "clock"], "ok"),
        "reconcile": "note",
    }
    assert "ok     database" in (await egpay("doctor")).out


async def test_each_thing_that_is_wrong_is_named_and_fails_the_command(desk: Desk, egpay: Program) -> None:
    await desk.ask("GRANT DELETE ON webhook_events TO egpay_checkout_api")
    await desk.ask("REVOKE UPDATE (published_at) ON outbox FROM egpay_billing_worker")
    await desk.ask(
        "INSERT INTO outbox (message_id, subject, payload, created_at) VALUES ('x', 'y', '', now() - interval '1 h')"
    )
    letter = DeadLetter(message_id=MessageId("evt_x"), subject="s", payload=b"", reason="r")
    await desk.storage.dead_letters.park_many([letter])
    async with connected(desk.nats_url, name="test") as connection:
        await connection.client.jsm().delete_consumer("BILLING", "effects-mail")
    ran = await egpay("doctor", "--json", expect=1)
    assert not ran.json["healthy"]
    found = states(ran)
    assert [what for what in found if found[what] == "wrong"] == [
        "grants",
        "outbox",
        "dead letters",
        "broker",
    ]
    assert "egpay_checkout_api has DELETE on webhook_events" in words(ran, "grants")
    assert "egpay_billing_worker lacks UPDATE of published_at on outbox" in words(ran, "grants")


async def test_events_that_no_webhook_brought_raise_the_silence_alarm(
    desk: Desk, egpay: Program, stripe: RunningSandbox
) -> None:
    stripe.receiver.statuses = [500] * 100
    await stripe.http.put("/sandbox/chaos/stripe", json={"lose": 1.0})
    session = await stripe.http.post(
        "/v1/checkout/sessions",
        headers={"authorization": "Bearer sk_test_x"},
        data={
            "mode": "payment",
            "success_url": "http://shop.test",
            "metadata[sale_id]": "sale_x",
            "client_reference_id": "sale_x",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "100",
            "line_items[0][price_data][product_data][name]": "Reader",
        },
    )
    await stripe.post_control(f"sessions/{session.json()['id']}/pay")
    told = (await egpay("reconcile", "--json")).json
    ran = await egpay("doctor", "--json", expect=1)
    assert states(ran)["reconcile"] == "ok"
    assert f"{told['found']['missed']} events" in words(ran, "silence")


async def test_an_endpoint_that_hears_too_little_or_another_version_is_told(
    egpay: Program, stripe: RunningSandbox
) -> None:
    for endpoint in (await stripe.http.get("/sandbox/endpoints")).json():
        await stripe.http.delete(
            f"/v1/webhook_endpoints/{endpoint['id']}", headers={"authorization": "Bearer sk_test_x"}
        )
    ran = await egpay("doctor", "--json", expect=1)
    assert "no endpoint" in words(ran, "webhook endpoint")
    await stripe.http.post(
        "/v1/webhook_endpoints",
        headers={"authorization": "Bearer sk_test_x"},
        data={
            "url": f"{stripe.receiver.url}/webhooks/stripe",
            "enabled_events[]": "invoice.paid",
            "api_version": "2025-03-31.basil",
        },
    )
    ran = await egpay("doctor", "--json", expect=1)
    assert "does not report charge.dispute.closed" in words(ran, "webhook endpoint")
    assert "reports in 2025-03-31.basil" in words(ran, "webhook endpoint")


async def test_what_is_out_of_reach_is_a_finding_and_no_traceback(
    egpay: Program, stripe: RunningSandbox
) -> None:
    nowhere = {"NATS_URL": "nats://127.0.0.1:1", "STRIPE_API_BASE": "http://127.0.0.1:1"}
    ran = await egpay("doctor", "--json", expect=1, **nowhere)
    found = states(ran)
    assert (found["broker"], found["stripe"], found["database"]) == ("wrong", "wrong", "ok")
    ran = await egpay("doctor", expect=1, DATABASE_URL="postgresql://x:secret@127.0.0.1:1/x")
    assert "wrong  database" in ran.out
    assert "secret" not in ran.out + ran.err
    assert "DATABASE_URL: is missing" in (await Program()("doctor", expect=1)).err
