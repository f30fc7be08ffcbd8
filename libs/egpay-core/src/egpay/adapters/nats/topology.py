"""Topology of the broker: the one table of the stream, its subjects and its consumers, and who uses them.

`egpay migrate` declares it, the worker subscribes by it, `egpay doctor` compares with it, and rights are derived from
it. A consumer for each neighbour in the world (a bulkhead), so that a slow mail server delays no shipment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from egpay.adapters.wire import COMMANDS, EVENTS, PUBLIC
from egpay.domain.commands import (
    Command,
    EndSubscription,
    ExpireCheckoutPages,
    ExpireOrderPage,
    FindOverdueRenewal,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    RefundPayment,
    RenewInvitation,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    SendWithdrawalReceipt,
    TracePayment,
    WarehouseInstruction,
)

STREAM, ADVISORIES = "BILLING", "BILLING_ADVISORIES"
CHECKOUT_API, BILLING_WORKER, PRODUCT = "checkout-api", "billing-worker", "product"
DAY = 86_400.0
MAX_AGE = 7 * DAY
"""Seconds that the stream keeps a message: PostgreSQL stores it for good, and the broker may be rebuilt."""
ACK_WAIT = 10.0
"""Seconds after which an unacknowledged message is delivered again: what a killed worker had in its hands. A live one
extends the time every few seconds, however long a mail server takes."""

PUBLISHERS: Mapping[str, tuple[str, ...]] = {
    f"{EVENTS}.*": (CHECKOUT_API, BILLING_WORKER),
    f"{COMMANDS}.*": (BILLING_WORKER,),
    f"{PUBLIC}.>": (BILLING_WORKER,),
}
"""The stream's subjects, and which services publish there. The worker's reconciler enters events, too."""

ADVISORY_KINDS = ("MAX_DELIVERIES", "MSG_TERMINATED")
"""What the broker reports when it will not deliver a message again (nats-server, consumer advisories)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSpec:
    """One durable consumer: the subjects it is given, who pulls from it, and how many messages one process handles at
    the same time. `max_ack_pending` bounds what is delivered to all processes and not acknowledged yet."""

    name: str
    title: str
    subjects: tuple[str, ...]
    at_once: int
    max_ack_pending: int
    pulled_by: str = BILLING_WORKER


def _commands(name: str, title: str, at_once: int, *commands: type[Command]) -> ConsumerSpec:
    subjects = tuple(f"{COMMANDS}.{command.__struct_config__.tag}" for command in commands)
    return ConsumerSpec(name=name, title=title, subjects=subjects, at_once=at_once, max_ack_pending=256)


REACTIONS = ConsumerSpec(
    name="reactions",
    title="Reactions to billing events",
    subjects=(f"{EVENTS}.*",),
    at_once=256,
    max_ack_pending=8192,
)
COMMAND_CONSUMERS: tuple[ConsumerSpec, ...] = (
    # One at a time: an e-mail that waited its turn behind another would outlive the lease under which it is sent.
    _commands(
        "effects-mail",
        "E-mails to send",
        1,
        SendIntroduction,
        SendPaymentFailed,
        SendPaymentReminder,
        SendPortalLink,
        RenewInvitation,
        SendLetter,
        SendWithdrawalReceipt,
    ),
    _commands(
        "effects-warehouse",
        "Orders to the warehouse",
        8,
        *get_args(WarehouseInstruction),
    ),
    _commands(
        "effects-payments",
        "Questions to the payment provider",
        8,
        TracePayment,
        RefreshSubscription,
        RefreshDispute,
        EndSubscription,
        RefundPayment,
        FindOverdueRenewal,
        IdentifyOwner,
        ExpireCheckoutPages,
        ExpireOrderPage,
    ),
)
PUBLIC_CONSUMER = ConsumerSpec(
    name="product",
    title="News for the product",
    subjects=(f"{PUBLIC}.>",),
    at_once=256,
    max_ack_pending=1024,
    pulled_by=PRODUCT,
)
CONSUMERS: tuple[ConsumerSpec, ...] = (REACTIONS, *COMMAND_CONSUMERS)
"""Those that billing-worker reads; each command has exactly one."""
GIVEN_UP = ConsumerSpec(
    name="dead-letters",
    title="Messages of billing that the broker gave up on",
    subjects=(),
    at_once=32,
    max_ack_pending=1000,
)
"""The consumer of ADVISORIES, read by billing-worker."""


def stream(replicas: int) -> StreamConfig:
    """The stream of messages: they expire after a week, because PostgreSQL stores them for good.

    `allow_atomic` lets a batch be stored whole or not at all (nats-server 2.12, ADR-50).
    """
    return StreamConfig(
        name=STREAM,
        description="What happened in billing, and what is to be done about it",
        subjects=list(PUBLISHERS),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=MAX_AGE,
        duplicate_window=120.0,
        num_replicas=replicas,
        allow_direct=True,
        allow_atomic=True,
    )


def streams(replicas: int) -> Sequence[StreamConfig]:
    """Both streams as the broker declares them: messages, and its advisories about them, which stay a month."""
    advisories = StreamConfig(
        name=ADVISORIES,
        description=GIVEN_UP.title,
        subjects=[f"$JS.EVENT.ADVISORY.CONSUMER.{kind}.{STREAM}.*" for kind in ADVISORY_KINDS],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=30 * DAY,
        num_replicas=replicas,
    )
    return stream(replicas), advisories


def consumers() -> Sequence[ConsumerConfig]:
    """Every durable consumer of messages; it retries for ever, because only the worker dead-letters."""
    return [_durable(spec) for spec in (*CONSUMERS, PUBLIC_CONSUMER)]


def durable_consumers() -> Sequence[tuple[str, ConsumerConfig]]:
    """Every durable consumer with its stream, as the broker declares them."""
    return [*((STREAM, config) for config in consumers()), (ADVISORIES, _durable(GIVEN_UP, ack_wait=30.0))]


def _durable(spec: ConsumerSpec, *, ack_wait: float = ACK_WAIT) -> ConsumerConfig:
    return ConsumerConfig(
        name=spec.name,
        durable_name=spec.name,
        description=spec.title,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=spec.max_ack_pending,
        max_waiting=512,
        filter_subjects=list(spec.subjects) or None,
    )
