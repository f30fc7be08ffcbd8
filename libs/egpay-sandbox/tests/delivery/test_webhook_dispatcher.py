"""How events are told: signed, retried, recorded, and disturbed on demand."""

import json
from typing import Any

import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox
from egpay_sandbox.testing.serving import until

SECRET = "whsec_test_secret"


async def customer(sandbox: RunningSandbox, name: str = "A") -> str:
    return str((await sandbox.stripe.v1.customers.create_async({"name": name})).id)


async def chaos(sandbox: RunningSandbox, **knobs: Any) -> None:
    answer = await sandbox.http.put("/sandbox/chaos/stripe", json=knobs)
    assert answer.status_code == 200, answer.text


def names(sandbox: RunningSandbox) -> list[str]:
    return [e["data"]["object"]["name"] for e in sandbox.receiver.events()]


async def test_an_event_is_pretty_json_signed_over_its_bytes(sandbox: RunningSandbox) -> None:
    await customer(sandbox)
    event = (await sandbox.wait_for_events("customer.created"))[0]
    body = sandbox.receiver.received[0].body
    assert body == json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()
    assert (event["object"], event["api_version"], event["livemode"]) == ("event", "2026-10-28.endive", False)
    assert event["pending_webhooks"] == 1


async def test_anything_but_2xx_is_retried_with_a_new_signature_until_heard(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [500, 302, 404]
    await customer(sandbox)
    await until(lambda: len(sandbox.receiver.received) == 4)
    events = sandbox.receiver.events()
    assert len({e["id"] for e in events}) == 1
    await until(
        lambda: sandbox.internals.dispatcher.delivery_log.for_subject(events[0]["id"])[0].state == "delivered"
    )
    found = (await sandbox.http.get("/sandbox/deliveries", params={"subject": events[0]["id"]})).json()
    assert [a["status"] for a in found[0]["attempts"]] == [500, 302, 404, 200]
    assert found[0]["state"] == "delivered"


async def test_pending_webhooks_counts_who_has_not_heard(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [500] * 3
    await customer(sandbox)
    listed = await sandbox.stripe.v1.events.list_async({"delivery_success": False})
    assert [e.pending_webhooks for e in listed.data] == [1]
    await until(lambda: len(sandbox.receiver.received) == 4)
    event_id = listed.data[0].id
    await until(lambda: sandbox.internals.dispatcher.delivery_log.pending_count(event_id) == 0)
    assert (await sandbox.stripe.v1.events.retrieve_async(event_id)).pending_webhooks == 0


async def test_an_endpoint_hears_only_what_it_asked_for(sandbox: RunningSandbox) -> None:
    made = await sandbox.stripe.v1.webhook_endpoints.create_async(
        {"url": f"{sandbox.receiver.url}/second", "enabled_events": ["checkout.session.completed"]}
    )
    await sandbox.buy(await sandbox.create_session())
    await until(lambda: any(h.path == "/second" for h in sandbox.receiver.received))
    await sandbox.wait_for_events("charge.updated")
    second = [h for h in sandbox.receiver.received if h.path == "/second"]
    assert len(second) == 1
    event = stripe.Webhook.construct_event(
        second[0].body, second[0].headers["stripe-signature"], made.secret or ""
    )
    assert event.type == "checkout.session.completed"


async def test_a_rolled_secret_signs_along_for_a_while(sandbox: RunningSandbox) -> None:
    endpoint = next(iter(sandbox.internals.account.endpoints)).id
    rolled = await sandbox.post_control(f"endpoints/{endpoint}/rotate", keep_seconds=3600)
    await customer(sandbox)
    await sandbox.wait_for_events("customer.created")
    heard = sandbox.receiver.received[0]
    signature = heard.headers["stripe-signature"]
    assert signature.count("v1=") == 2
    for secret in (SECRET, rolled["secret"]):
        assert stripe.Webhook.construct_event(heard.body, signature, secret)
    await sandbox.post_control("clock", advance=3601)
    await customer(sandbox)
    await until(lambda: len(sandbox.receiver.received) == 2)
    assert sandbox.receiver.received[1].headers["stripe-signature"].count("v1=") == 1


async def test_resending_tells_the_same_event_again(sandbox: RunningSandbox) -> None:
    await customer(sandbox)
    event = (await sandbox.wait_for_events("customer.created"))[0]
    assert await sandbox.post_control(f"events/{event['id']}/resend") == {"event": event["id"], "posted": 1}
    await until(lambda: len(sandbox.receiver.received) == 2)
    assert sandbox.receiver.events()[1]["id"] == event["id"]


async def test_a_duplicate_has_the_same_event_id_and_a_twin_has_not(sandbox: RunningSandbox) -> None:
    await chaos(sandbox, duplicate=1.0)
    await customer(sandbox)
    await until(lambda: len(sandbox.receiver.received) == 2)
    assert len({e["id"] for e in sandbox.receiver.events()}) == 1
    await chaos(sandbox, twin=1.0)
    await customer(sandbox, "B")
    await until(lambda: len(sandbox.receiver.received) == 4)
    twins = sandbox.receiver.events()[2:]
    assert len({e["id"] for e in twins}) == 2
    assert twins[0]["data"] == twins[1]["data"]


async def test_a_dropped_delivery_is_retried_and_a_lost_one_is_not(sandbox: RunningSandbox) -> None:
    await chaos(sandbox, drop=1.0)
    await customer(sandbox)
    await sandbox.wait_for_events("customer.created")
    await chaos(sandbox, lose=1.0)
    lost = await customer(sandbox, "B")
    await chaos(sandbox)
    await customer(sandbox, "C")
    await until(lambda: "C" in names(sandbox))
    assert "B" not in names(sandbox)
    undelivered = await sandbox.stripe.v1.events.list_async({"delivery_success": False})
    assert [e.data.object["id"] for e in undelivered.data] == [lost]


async def test_a_bad_signature_is_followed_by_a_good_one(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [400]
    await chaos(sandbox, bad_signature=1.0)
    await customer(sandbox)
    await until(lambda: len(sandbox.receiver.received) == 2)
    bad, good = sandbox.receiver.received
    verify = stripe.WebhookSignature.verify_header
    assert verify(good.body.decode(), good.headers["stripe-signature"], SECRET, 300)
    try:
        verify(bad.body.decode(), bad.headers["stripe-signature"], SECRET, 300)
    except stripe.SignatureVerificationError:
        return
    raise AssertionError("the first signature should have been wrong")


async def test_a_forgotten_answer_makes_a_duplicate(sandbox: RunningSandbox) -> None:
    await chaos(sandbox, forget=1.0)
    await customer(sandbox)
    await until(lambda: len(sandbox.receiver.received) == 2)
    assert len({e["id"] for e in sandbox.receiver.events()}) == 1


async def test_held_events_are_released_in_the_order_asked_for(sandbox: RunningSandbox) -> None:
    await chaos(sandbox, hold=True)
    for name in "ABCD":
        await customer(sandbox, name)
    assert sandbox.receiver.received == []
    answer = await sandbox.http.post(
        "/sandbox/chaos/stripe/release", json={"order": "reversed", "one_by_one": True}
    )
    assert len(answer.json()["released"]) == 4
    await until(lambda: len(sandbox.receiver.received) == 4)
    assert names(sandbox) == ["D", "C", "B", "A"]
    await customer(sandbox, "E")
    await until(lambda: "E" in names(sandbox))


async def test_chaos_repeats_itself_with_the_same_seed_and_leaves_the_truth_alone(
    sandbox: RunningSandbox,
) -> None:
    fates = []
    for _ in range(2):
        await chaos(sandbox, duplicate=0.5, drop=0.5, reorder=0.5, reorder_window=0.05, seed=7)
        fates.append([sandbox.internals.chaos.draw_faults("stripe", "x") for _ in range(20)])
    assert fates[0] == fates[1]
    await sandbox.buy(await sandbox.create_subscription_session())
    truth = (await sandbox.http.get("/sandbox/truth")).json()
    assert [len(truth[k]) for k in ("sessions", "subscriptions", "invoices", "charges")] == [1, 1, 1, 1]


async def test_a_reset_forgets_everything_but_the_endpoint(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [500] * 50
    await sandbox.buy(await sandbox.create_session())
    await sandbox.post_control("reset")
    truth = (await sandbox.http.get("/sandbox/truth")).json()
    assert all(rows == [] for rows in truth.values())
    sandbox.receiver.statuses = []
    sandbox.receiver.received.clear()
    await customer(sandbox)
    assert {e["type"] for e in await sandbox.wait_for_events("customer.created")} == {"customer.created"}
