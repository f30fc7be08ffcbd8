"""Scenario 17 on real servers: what is not ours changes nothing, and what is not proven leaves no trace."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from egpay_system import PROGRAMS, EgpaySystem, until
from webhook_sender import StripeBuyer, name, post_webhook, raw_event, signed

from egpay.testing import stripe_objects
from egpay.testing.stripe_objects import Generation
from egpay_local import process
from egpay_local.tcp_ports import reserved

NEW, OLD = "whsec_new_new_new_new_new_new", "whsec_old_old_old_old_old_old"


@dataclass(frozen=True, slots=True)
class LiveModeApi:
    """A second checkout-api on the same database: it moves real money, and its secret is being rolled."""

    url: str


@pytest.fixture(scope="module")
def live(dirty_system: EgpaySystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveModeApi]:
    [env] = [service.env for service, _ in dirty_system.supervisor.services if service.name == "checkout-api"]
    folder: Path = tmp_path_factory.mktemp("live")
    with reserved() as port:
        other = {
            "PORT": str(port.number),
            "STRIPE_SECRET_KEY": "sk_live_opens_nothing",
            "STRIPE_WEBHOOK_SECRETS": f"{NEW},{OLD}",
        }
        door = process.spawn(
            "live", [PROGRAMS / "checkout-api"], log=folder / "live.log", env={**env, **other}, cwd=folder
        )
        try:
            url = f"http://127.0.0.1:{port.number}"
            until(
                lambda: _answers(dirty_system, url), what=f"the live door does not open\n{door.last_lines()}"
            )
            yield LiveModeApi(url)
        finally:
            door.stop()


def _answers(egpay: EgpaySystem, url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return egpay.browser.get(f"{url}/readyz").is_success
    return False


async def kept(egpay: EgpaySystem, event_id: str) -> list[str]:
    rows = await egpay.ask("SELECT disposition FROM webhook_events WHERE event_id = $1", event_id)
    return [row["disposition"] for row in rows]


async def rows_of(egpay: EgpaySystem, body: bytes) -> int:
    """How many rows there are because of this body; the shared system has other visitors meanwhile."""
    [row] = await egpay.ask(
        """
        SELECT (SELECT count(*) FROM webhook_events WHERE event_id = $1)
             + (SELECT count(*) FROM outbox WHERE message_id = $1)
             + (SELECT count(*) FROM dead_letters WHERE message_id = $1)
             + (SELECT count(*) FROM timeline WHERE cause = $1) AS rows
        """,
        json.loads(body)["id"],
    )
    return int(row["rows"])


async def test_an_event_of_another_product_on_the_account_is_recorded_and_ignored(
    dirty_system: EgpaySystem,
) -> None:
    foreign, unknown = name("evt"), name("evt")
    session = stripe_objects.session(Generation.ENDIVE, sale_id=None, id=name("cs"))
    assert (
        post_webhook(
            dirty_system, raw_event("checkout.session.completed", session, event_id=foreign)
        ).status_code
        == 200
    )
    assert post_webhook(dirty_system, raw_event("radar.early_fraud", {}, event_id=unknown)).status_code == 200
    assert await kept(dirty_system, foreign) == await kept(dirty_system, unknown) == ["ignored"]
    assert not await dirty_system.ask(
        "SELECT 1 FROM outbox WHERE message_id = ANY($1::text[])", [foreign, unknown]
    )


@pytest.mark.parametrize("livemode", [True, False])
async def test_money_of_the_other_world_is_ignored(
    dirty_system: EgpaySystem, live: LiveModeApi, livemode: bool
) -> None:
    """Live events at the test endpoint, test events at the live one."""
    buyer, event_id = StripeBuyer.of(dirty_system), name("evt")
    paid = stripe_objects.session(Generation.ENDIVE, sale_id=buyer.sale_id, id=buyer.session)
    body = raw_event("checkout.session.completed", paid, event_id=event_id, livemode=livemode)
    answer = (
        post_webhook(dirty_system, body)
        if livemode
        else post_webhook(dirty_system, body, signed(body, NEW), api=live.url)
    )
    assert answer.status_code == 200
    assert await kept(dirty_system, event_id) == ["ignored"]
    assert dirty_system.sale(buyer.sale_id)["status"] == "in_progress"


@pytest.mark.parametrize("secret", [NEW, OLD])
async def test_both_secrets_hold_while_one_is_being_rolled(
    dirty_system: EgpaySystem, live: LiveModeApi, secret: str
) -> None:
    body = raw_event("customer.updated", {}, livemode=True)
    assert post_webhook(dirty_system, body, signed(body, secret), api=live.url).status_code == 200


async def test_what_is_not_proven_is_refused_and_leaves_no_row(dirty_system: EgpaySystem) -> None:
    secret = dirty_system.env["STRIPE_WEBHOOK_SECRETS"]
    buyer = StripeBuyer.of(dirty_system)
    body = buyer.completed()
    proof = signed(body, secret)["stripe-signature"]
    stamp, v1, _ = proof.split(",")
    reserialised = json.dumps(json.loads(body)).encode()
    captured = signed(body, secret, at=time.time() - 301)
    early = signed(body, secret, at=time.time() + 400)
    refusals = [
        post_webhook(dirty_system, body, {}),
        post_webhook(dirty_system, body, {"stripe-signature": ""}),
        post_webhook(dirty_system, body, {"stripe-signature": v1}),
        post_webhook(dirty_system, body, {"stripe-signature": f"{stamp},v0={'0' * 64}"}),
        post_webhook(dirty_system, body, {"stripe-signature": f"{stamp},{stamp},{v1}"}),
        post_webhook(dirty_system, body, signed(body, "whsec_somebody_else")),
        post_webhook(dirty_system, body, signed(body, "")),
        post_webhook(dirty_system, reserialised, {"stripe-signature": proof}),
        post_webhook(dirty_system, body + b"\n", {"stripe-signature": proof}),
        post_webhook(dirty_system, body, captured),
        post_webhook(dirty_system, body, early),
    ]
    assert {(answer.status_code, answer.json()["type"]) for answer in refusals} == {
        (400, "/problems/bad-signature")
    }
    assert await rows_of(dirty_system, body) == 0
    assert dirty_system.sale(buyer.sale_id)["status"] == "in_progress"
    assert post_webhook(dirty_system, body, {"stripe-signature": proof}).status_code == 200
    until(lambda: dirty_system.sale(buyer.sale_id)["status"] == "paid", what="the genuine one is not taken")


async def test_a_body_of_three_megabytes_is_refused_even_when_it_is_signed(dirty_system: EgpaySystem) -> None:
    body = raw_event("customer.updated", {"description": "x" * 3_000_000})
    answer = post_webhook(dirty_system, body)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert await rows_of(dirty_system, body) == 0
