import asyncio
from typing import Any

import pytest

from billing_worker.inbound.acknowledgement import hand_back
from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.event_consumer import CONSUMER
from egpay.adapters.nats.connection import connected
from egpay.adapters.nats.provision import provision
from egpay.adapters.nats.topology import ACK_WAIT, BILLING_WORKER, CONSUMERS
from egpay.ports.deliveries import Delivery


async def ignore(_: Delivery) -> None:
    """Nothing is delivered here."""


def test_every_declared_consumer_is_read_and_nothing_else_is() -> None:
    broker = CommandBroker(logger=None)
    subscribe(broker, ignore)
    subscribers: list[Any] = list(broker.subscribers)
    durables = [subscriber.config.durable_name for subscriber in subscribers]
    declared = [consumer.name for consumer in CONSUMERS if consumer.pulled_by == BILLING_WORKER]
    assert sorted([*durables, CONSUMER]) == sorted(declared)


def test_no_two_consumers_are_given_the_same_subject() -> None:
    subjects = [subject for consumer in CONSUMERS for subject in consumer.subjects]
    assert len(subjects) == len(set(subjects))


@pytest.mark.parametrize("command", ["send_introduction", "ship_devices"])
async def test_what_a_stopping_worker_has_in_hand_another_takes_before_ack_wait_is_over(
    nats_url: str, command: str
) -> None:
    await provision(nats_url)
    begun, taken = asyncio.Event(), asyncio.Event()

    async def hang(delivery: Delivery) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as stop:
            await hand_back([delivery], stop)
            raise

    async def take(delivery: Delivery) -> None:
        await delivery.ack()
        taken.set()

    stopping, other = (CommandBroker([nats_url], logger=None, graceful_timeout=0.05) for _ in range(2))
    subscribe(stopping, hang)
    subscribe(other, take)
    await stopping.start()
    async with connected(nats_url, name="api") as connection:
        await connection.client.jetstream().publish(f"billing.commands.{command}", b"{}")
        await begun.wait()
        await stopping.stop()
        await other.start()
        async with asyncio.timeout(ACK_WAIT / 2):
            await taken.wait()
        await other.stop()
