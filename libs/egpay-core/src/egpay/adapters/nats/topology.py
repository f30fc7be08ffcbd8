"""What `egpay migrate` lays out on the broker: one stream for all messages, and one consumer for each kind of work.

A consumer per kind of effect, so that a slow mail server delays no shipment.
"""

from collections.abc import Sequence

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from egpay.adapters.wire import COMMANDS, EVENTS
from egpay.domain.commands import (
    CancelShipment,
    Command,
    HoldShipment,
    IdentifyOwner,
    RefreshSubscription,
    ReleaseShipment,
    SendIntroduction,
    SendPaymentFailed,
    SendPaymentReminder,
    ShipDevices,
    TracePayment,
)

STREAM = "BILLING"
REACTIONS = "reactions"
DAY = 86_400.0

EFFECTS: dict[str, tuple[type[Command], ...]] = {
    "effects-mail": (SendIntroduction, SendPaymentFailed, SendPaymentReminder),
    "effects-warehouse": (ShipDevices, HoldShipment, ReleaseShipment, CancelShipment),
    "effects-payments": (TracePayment, RefreshSubscription, IdentifyOwner),
}
"""Which durable consumer carries out which commands; each command has exactly one."""


def subjects(consumer: str) -> list[str]:
    """The subjects that a durable consumer is given."""
    if consumer == REACTIONS:
        return [f"{EVENTS}.*"]
    return [f"{COMMANDS}.{command.__struct_config__.tag}" for command in EFFECTS[consumer]]


def stream(replicas: int) -> StreamConfig:
    """Messages stay for a week and the oldest go first: PostgreSQL keeps them for good, the broker may be rebuilt.

    `allow_atomic` lets a batch be stored whole or not at all (nats-server 2.12, ADR-50).
    """
    return StreamConfig(
        name=STREAM,
        description="What happened in billing, and what is to be done about it",
        subjects=[f"{EVENTS}.*", f"{COMMANDS}.*"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=7 * DAY,
        duplicate_window=120.0,
        num_replicas=replicas,
        allow_direct=True,
        allow_atomic=True,
    )


def consumers() -> Sequence[ConsumerConfig]:
    """Every durable consumer. The broker gives up on no message: whether to set one aside is the worker's decision."""
    # What a killed worker had in its hands comes back after 10 s. One that lives says every few seconds that it is
    # still at it, however long a mail server takes.
    return [
        _consumer(REACTIONS, "Reactions to billing events", ack_wait=10.0, max_ack_pending=8192),
        _consumer("effects-mail", "E-mails to send", ack_wait=10.0, max_ack_pending=256),
        _consumer("effects-warehouse", "Orders to the warehouse", ack_wait=10.0, max_ack_pending=256),
        _consumer(
            "effects-payments", "Questions to the payment provider", ack_wait=10.0, max_ack_pending=256
        ),
    ]


def _consumer(name: str, description: str, *, ack_wait: float, max_ack_pending: int) -> ConsumerConfig:
    return ConsumerConfig(
        name=name,
        durable_name=name,
        description=description,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=max_ack_pending,
        max_waiting=512,
        filter_subjects=subjects(name),
    )
