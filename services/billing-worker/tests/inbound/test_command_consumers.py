from typing import Any

from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.event_consumer import CONSUMER
from egpay.adapters.nats.topology import BILLING_WORKER, CONSUMERS
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
