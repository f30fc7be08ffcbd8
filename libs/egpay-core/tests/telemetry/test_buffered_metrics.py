"""Counting in batches comes to the same numbers as counting one by one, and none of them is late for a reader."""

import asyncio
import random
import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from egpay.domain.events import Source
from egpay.telemetry.buffered_metrics import BufferedMetrics
from egpay.telemetry.http import Message, ObservedApp, Receive, Scope, Send
from egpay.telemetry.metrics import Metrics
from egpay.testing.builders import receipt, subscription_changed

BOUNDS = (0.001, 0.01, 0.1, 1.0)


def _series() -> tuple[CollectorRegistry, Counter, Histogram]:
    registry = CollectorRegistry()
    return (
        registry,
        Counter("webhooks", "x", ["type"], registry=registry).labels("paid"),
        Histogram("seconds", "x", ["route"], buckets=BOUNDS, registry=registry).labels("/"),
    )


def _text(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


async def test_counting_together_comes_to_the_same_as_counting_one_by_one() -> None:
    plain, tallied = _series(), _series()
    buffered = BufferedMetrics(every=60)
    amounts = [*BOUNDS, 0.0, 5.0, *(random.Random(7).expovariate(20) for _ in range(500))]  # noqa: S311
    for amount in amounts:
        plain[1].inc()
        plain[2].observe(amount)
        buffered.count(tallied[1])
        buffered.observe(tallied[2], amount)
    assert _text(tallied[0]) != _text(plain[0])
    buffered.flush()
    sums = [
        [float(line.split()[-1]) for line in _text(each[0]) if "_sum" in line] for each in (plain, tallied)
    ]
    assert abs(sums[0][0] - sums[1][0]) < 1e-9
    assert [line for line in _text(tallied[0]) if "_sum" not in line] == [
        line for line in _text(plain[0]) if "_sum" not in line
    ]


async def test_what_was_counted_is_written_down_by_itself_and_again() -> None:
    registry, counter, _ = _series()
    buffered = BufferedMetrics(every=0.01)
    for times in (1.0, 2.0):
        buffered.count(counter)
        until = time.monotonic() + 5
        while registry.get_sample_value("webhooks_total", {"type": "paid"}) != times:
            assert time.monotonic() < until
            await asyncio.sleep(0.005)


def test_without_an_event_loop_nothing_is_held_back() -> None:
    registry, counter, _ = _series()
    BufferedMetrics().count(counter)
    assert registry.get_sample_value("webhooks_total", {"type": "paid"}) == 1.0


async def test_a_scrape_sees_what_was_just_counted() -> None:
    metrics = Metrics(webhook_types=["subscription_changed"])
    metrics.count_webhook(receipt(subscription_changed()))
    metrics.count_webhook(receipt(subscription_changed()))
    assert f'source="{Source.STRIPE}",type="subscription_changed"}} 2.0' in metrics.render().decode()


async def test_the_end_of_the_service_leaves_nothing_uncounted() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    async def nothing() -> Message:
        return {"type": "lifespan.shutdown"}

    async def nowhere(message: Message) -> None: ...

    metrics = Metrics(webhook_types=["subscription_changed"])
    metrics.count_webhook(receipt(subscription_changed()))
    await ObservedApp(app, metrics)({"type": "lifespan"}, nothing, nowhere)
    assert metrics.registry.get_sample_value(
        "egpay_webhooks_total",
        {"source": "stripe", "type": "subscription_changed", "disposition": "accepted"},
    )
