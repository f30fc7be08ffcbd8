"""Scenario 18 on real servers: renewal day. All is acknowledged at once, ends right, and Stripe is hardly asked."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from egpay_system import EgpaySystem, running_system
from rate_limited_stripe import PER_SECOND, RateLimitedStripe, rate_limited_stripe
from renewal_workload import CUSTOMERS, RenewalWorkload
from webhook_sender import signed

from egpay.testing.stripe_objects import PERIOD_END
from egpay_local.backing import Backing
from egpay_local.backing.databases import Databases

A_SECOND = 190
"""Deliveries: 5,000 pairs with their duplicates come within a minute."""

AT_ONCE = 16
"""Connections that they come on."""


@pytest.fixture
def stripe() -> Iterator[RateLimitedStripe]:
    with rate_limited_stripe() as limited:
        yield limited


@pytest.fixture
def egpay(
    databases: Databases, backing: Backing, stripe: RateLimitedStripe, tmp_path: Path
) -> Iterator[EgpaySystem]:
    """A system of its own, allowed to ask twice as much as this Stripe bears, so that it must heed the 429s."""
    with ExitStack() as stack:
        database_url = stack.enter_context(databases.fresh())
        nats_url = stack.enter_context(backing.clean_nats(tmp_path / "nats"))
        yield stack.enter_context(
            running_system(
                database_url,
                nats_url,
                tmp_path,
                STRIPE_API_BASE=stripe.url,
                STRIPE_QUESTIONS_PER_SECOND=str(2 * PER_SECOND),
            )
        )


async def deliver(egpay: EgpaySystem, bodies: Sequence[bytes]) -> list[tuple[int, float]]:
    """Post everything, each when its time has come; status and seconds of each answer."""
    waiting, answers = iter(enumerate(bodies)), list[tuple[int, float]]()
    secret, began = egpay.env["STRIPE_WEBHOOK_SECRETS"], time.perf_counter()

    async def sender(client: httpx.AsyncClient) -> None:
        for number, body in waiting:
            await asyncio.sleep(began + number / A_SECOND - time.perf_counter())
            headers, sent = signed(body, secret), time.perf_counter()
            answer = await client.post("/webhooks/stripe", content=body, headers=headers)
            answers.append((answer.status_code, time.perf_counter() - sent))

    async with httpx.AsyncClient(base_url=egpay.api, trust_env=False, timeout=10) as client:
        await asyncio.gather(*(sender(client) for _ in range(AT_ONCE)))
    return answers


async def settled(egpay: EgpaySystem, workload: RenewalWorkload) -> bool:
    [left] = await egpay.ask(
        """
        SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS unpublished,
               (SELECT count(*) FROM subscriptions WHERE contested) AS contested,
               (SELECT count(*) FROM processed_messages WHERE message_id LIKE 'evt_%') AS processed,
               (SELECT count(*) FROM processed_messages WHERE message_id LIKE 'refresh:%:answered') AS answered
        """
    )
    return (left["unpublished"], left["contested"], left["processed"], left["answered"]) == (
        0,
        0,
        len(workload.events),
        len(workload.ties),
    )


async def test_renewal_day(
    egpay: EgpaySystem,
    stripe: RateLimitedStripe,
    pytestconfig: pytest.Config,
    report: list[str],
) -> None:
    pairs = pytestconfig.getoption("--storm-pairs", default=400)
    for statement in CUSTOMERS.format(n=pairs).split(";"):
        if statement.strip():
            await egpay.ask(statement)
    workload = RenewalWorkload(pairs)
    stripe.truth = workload.truth
    deliveries, began = workload.deliveries(), time.perf_counter()

    answers = await deliver(egpay, deliveries)
    took = time.perf_counter() - began
    async with asyncio.timeout(60 + pairs / 50):
        while not await settled(egpay, workload):
            await asyncio.sleep(0.1)

    seconds = sorted(seconds for _, seconds in answers)
    report.append(
        f"storm: {len(deliveries)} deliveries in {took:.1f} s, p99 {seconds[len(seconds) * 99 // 100] * 1e3:.0f}"
        f" ms, slowest {seconds[-1] * 1e3:.0f} ms; {len(stripe.asked)} questions, {stripe.refused} refused"
    )
    assert {status for status, _ in answers} == {200}
    assert seconds[-1] < 1, "an acknowledgement took a second"
    await everything_happened_once(egpay, workload)
    assert stripe.refused >= 1
    assert set(stripe.asked) == workload.ties
    assert len(stripe.asked) - stripe.refused == len(workload.ties), "a tie was asked about twice"
    assert len(stripe.asked) < 0.05 * len(workload.events)


async def everything_happened_once(egpay: EgpaySystem, workload: RenewalWorkload) -> None:
    rows = await egpay.ask("SELECT *, extract(epoch FROM current_period_end)::int AS ends FROM subscriptions")
    assert {row["id"]: (row["status"], row["quantity"], row["ends"]) for row in rows} == {
        name: ("active", truth["quantity"], PERIOD_END) for name, truth in workload.truth.items()
    }
    payments = await egpay.ask("SELECT id, amount FROM payments")
    assert {row["id"]: row["amount"] for row in payments} == {
        f"in_{number}": 12_900 for number in range(1, workload.pairs + 1)
    }
    for table in ("shipments", "emails", "dead_letters", "cases", "invitations"):
        assert not await egpay.ask(f"SELECT 1 FROM {table}"), table  # noqa: S608
    [events] = await egpay.ask(
        "SELECT count(*) FROM webhook_events WHERE source = 'stripe'"
        " AND type NOT LIKE ALL (ARRAY['product.%', 'price.%', 'billing_portal.%'])"  # what syncing the catalogue made
    )
    assert events["count"] == len(workload.events)
