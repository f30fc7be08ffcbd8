from collections.abc import AsyncIterator

import msgspec
import pytest
from forked_cli import CommandResult
from operator_system import EgpayCommand, OperatorSystem

from egpay.adapters.nats.connection import connected
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.provider_status import PostgresProviderStatus
from egpay.adapters.postgres.schema.migrate import upgrade
from egpay.adapters.stripe.inbound.translation import TRANSLATIONS
from egpay.domain.foreign import OTHER_INSTALLATION
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition
from egpay.testing.builders import receipt, subscription_changed
from egpay.testing.stripe_objects import SALE
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
async def egpay(system: OperatorSystem, stripe: RunningSandbox) -> EgpayCommand:
    await upgrade(system.url)  # rights on the database itself are not copied with the template
    more = {
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_API_BASE": stripe.url,
        "PUBLIC_URL": stripe.receiver.url,
    }
    return EgpayCommand({**system.egpay.env, **more})


def states(result: CommandResult) -> dict[str, str]:
    return {check["what"]: check["state"] for check in result.json["checks"]}


def words(result: CommandResult, what: str) -> str:
    return " ".join(check["words"] for check in result.json["checks"] if check["what"] == what)


async def test_a_healthy_system_is_told_so_with_every_check(egpay: EgpayCommand) -> None:
    result = await egpay("doctor", "--json")
    assert result.json["healthy"]
    assert states(result) == {
        **dict.fromkeys(
            ["configuration", "database", "grants", "outbox", "lost", "dead letters", "cases", "providers"],
            "ok",
        ),
        **dict.fromkeys(
            ["catalogue", "silence", "broker", "lag", "stripe", "webhook endpoint", "clock"], "ok"
        ),
        **dict.fromkeys(["checkouts", "commands"], "ok"),
        **dict.fromkeys(["reconcile", "seller", "countries", "product"], "note"),
    }
    lines = (await egpay("doctor")).out.splitlines()
    assert ["ok", "database"] in [line.split()[:2] for line in lines]


async def test_that_no_one_chose_the_countries_is_a_note_until_they_are_named(
    egpay: EgpayCommand,
) -> None:
    assert "COUNTRIES" in words(await egpay("doctor", "--json"), "countries")
    chosen = await egpay("doctor", "--json", COUNTRIES="DE,IE")
    assert words(chosen, "countries") == "devices are sent to DE, IE"


async def test_each_thing_that_is_wrong_is_named_and_fails_the_command(
    system: OperatorSystem, egpay: EgpayCommand
) -> None:
    await system.ask("GRANT DELETE ON webhook_events TO egpay_checkout_api")
    await system.ask("REVOKE UPDATE (published_at) ON outbox FROM egpay_billing_worker")
    await system.ask("GRANT SELECT (name, role) ON users TO egpay_checkout_api")
    await system.ask("GRANT SELECT ON emails TO PUBLIC")
    await system.ask("GRANT CREATE ON SCHEMA public TO egpay_operator")
    await system.ask("GRANT EXECUTE ON FUNCTION lo_create(oid) TO egpay_billing_worker")
    await system.ask(
        "INSERT INTO outbox (message_id, subject, payload, created_at) VALUES ('x', 'y', '', now() - interval '1 h')"
    )
    letter = DeadLetter(message_id=MessageId("evt_x"), subject="s", payload=b"", reason="r")
    await system.storage.dead_letters.add_many([letter])
    async with connected(system.nats_url, name="test") as connection:
        await connection.client.jsm().delete_consumer("BILLING", "effects-mail")
    result = await egpay("doctor", "--json", expect=1)
    assert not result.json["healthy"]
    found = states(result)
    assert [what for what in found if found[what] == "wrong"] == [
        "grants",
        "outbox",
        "dead letters",
        "broker",
    ]
    assert "egpay_checkout_api has DELETE on webhook_events" in words(result, "grants")
    assert "egpay_billing_worker lacks UPDATE of published_at on outbox" in words(result, "grants")
    for surplus in (
        "egpay_checkout_api has SELECT of name, role on users",
        "PUBLIC has SELECT on emails",
        "egpay_operator has CREATE on the schema",
        "egpay_billing_worker has EXECUTE on the functions of large objects",
    ):
        assert f"{surplus} beyond its needs" in words(result, "grants")


async def test_a_provider_that_refuses_us_is_wrong_and_one_that_asked_for_a_pause_is_told(
    system: OperatorSystem, egpay: EgpayCommand
) -> None:
    async with create_pool(system.url, name="test") as pool:
        stripe, warehouse = (PostgresProviderStatus(pool, name) for name in ("stripe", "warehouse"))
        await stripe.pause(7200, reason="Stripe: RateLimitError 429")
        result = await egpay("doctor", "--json")
        assert states(result)["providers"] == "note"
        assert "stripe asked us to wait 2.0 h more (Stripe: RateLimitError 429)" in words(result, "providers")
        await warehouse.refused("the warehouse answered 401")
    result = await egpay("doctor", "--json", expect=1)
    assert "warehouse refuses us since" in words(result, "providers")
    assert "(the warehouse answered 401)" in words(result, "providers")


async def test_events_that_no_webhook_brought_raise_the_silence_alarm(
    system: OperatorSystem, egpay: EgpayCommand, stripe: RunningSandbox
) -> None:
    stripe.receiver.statuses = [500] * 100
    await stripe.http.put("/sandbox/chaos/stripe", json={"lose": 1.0})
    session = await stripe.http.post(
        "/v1/checkout/sessions",
        headers={"authorization": "Bearer sk_test_x"},
        data={
            "mode": "payment",
            "success_url": "http://shop.test",
            "metadata[sale_id]": SALE,
            "client_reference_id": SALE,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "100",
            "line_items[0][price_data][product_data][name]": "Reader",
        },
    )
    await stripe.post_control(f"sessions/{session.json()['id']}/pay")
    told = (await egpay("reconcile", "--json")).json
    result = await egpay("doctor", "--json", expect=1)
    assert states(result)["reconcile"] == "ok"
    assert f"{told['found']['missed']} events" in words(result, "silence")


async def test_an_endpoint_that_hears_too_little_or_another_version_is_told(
    egpay: EgpayCommand, stripe: RunningSandbox
) -> None:
    for endpoint in (await stripe.http.get("/sandbox/endpoints")).json():
        await stripe.http.delete(
            f"/v1/webhook_endpoints/{endpoint['id']}", headers={"authorization": "Bearer sk_test_x"}
        )
    result = await egpay("doctor", "--json", expect=1)
    assert "no endpoint" in words(result, "webhook endpoint")
    await stripe.http.post(
        "/v1/webhook_endpoints",
        headers={"authorization": "Bearer sk_test_x"},
        data={
            "url": f"{stripe.receiver.url}/webhooks/stripe",
            "enabled_events[]": "invoice.paid",
            "api_version": "2025-03-31.basil",
        },
    )
    result = await egpay("doctor", "--json", expect=1)
    assert "does not report charge.dispute.closed" in words(result, "webhook endpoint")
    assert "reports in 2025-03-31.basil" in words(result, "webhook endpoint")


async def applied_types(egpay: EgpayCommand, stripe: RunningSandbox, *types: str) -> list[str]:
    """The types of an endpoint of ours that had these, after `webhook-endpoint apply`."""
    auth = {"authorization": "Bearer sk_test_x"}
    for endpoint in (await stripe.http.get("/sandbox/endpoints")).json():
        await stripe.http.delete(f"/v1/webhook_endpoints/{endpoint['id']}", headers=auth)
    url = f"{stripe.receiver.url}/webhooks/stripe"
    await stripe.http.post(
        "/v1/webhook_endpoints",
        headers=auth,
        data={"url": url, "api_version": "2026-10-28.endive", "enabled_events[]": list(types)},
    )
    await egpay("doctor", expect=1)
    await egpay("stripe", "webhook-endpoint", "apply", "--url", url)
    [endpoint] = (await stripe.http.get("/sandbox/endpoints")).json()
    return list(endpoint["enabled_events"])


async def test_an_endpoint_of_an_earlier_version_fails_the_doctor_until_apply_adds_what_it_lacks(
    egpay: EgpayCommand, stripe: RunningSandbox
) -> None:
    types = await applied_types(egpay, stripe, "payout.paid", "invoice.paid")
    assert {"payout.paid", "invoice.paid", "review.opened", "refund.created", "customer.deleted"} <= set(
        types
    )
    assert "invoice.created" not in types
    assert states(await egpay("doctor", "--json"))["webhook endpoint"] == "ok"


async def test_an_endpoint_that_holds_up_invoices_fails_the_doctor_until_apply_takes_the_type_off(
    egpay: EgpayCommand, stripe: RunningSandbox
) -> None:
    assert "invoice.created" not in await applied_types(
        egpay, stripe, "invoice.created", *sorted(TRANSLATIONS)
    )
    assert states(await egpay("doctor", "--json"))["webhook endpoint"] == "ok"


async def test_what_is_out_of_reach_is_a_finding_and_no_traceback(
    egpay: EgpayCommand, stripe: RunningSandbox
) -> None:
    nowhere = {"NATS_URL": "nats://127.0.0.1:1", "STRIPE_API_BASE": "http://127.0.0.1:1"}
    result = await egpay("doctor", "--json", expect=1, **nowhere)
    found = states(result)
    assert (found["broker"], found["stripe"], found["database"]) == ("wrong", "wrong", "ok")
    result = await egpay("doctor", expect=1, DATABASE_URL="postgresql://x:secret@127.0.0.1:1/x")
    assert "wrong  database" in result.out
    assert "secret" not in result.out + result.err
    assert "DATABASE_URL: is missing" in (await EgpayCommand()("doctor", expect=2)).err


async def test_another_installation_on_the_account_is_one_note_and_no_fault(
    system: OperatorSystem, egpay: EgpayCommand
) -> None:
    others = [
        msgspec.structs.replace(
            receipt(subscription_changed(f"sub_{number}")),
            disposition=Disposition.IGNORED,
            event=None,
            reason=OTHER_INSTALLATION,
        )
        for number in range(3)
    ]
    await system.storage.inbox.record_many(others)
    result = await egpay("doctor", "--json")
    assert result.json["healthy"]
    assert states(result)["installations"] == "note"
    assert words(result, "installations").startswith("3 events of the last day")
