"""Adapters of billing-worker: one record of ports, so that a test can pass others."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeAlias

from billing_worker.outbound.context import EffectContext
from egpay.ports.accesses import DueAccesses
from egpay.ports.books import BookKeeping
from egpay.ports.cases import CaseStats
from egpay.ports.clock import Clock
from egpay.ports.dead_letters import DeadLetters
from egpay.ports.deliveries import MessageSource
from egpay.ports.outbox import Outbox, OutboxStats, Publisher
from egpay.ports.published import PublishedMessages
from egpay.ports.retention import Retention
from egpay.ports.retries import RetryLog
from egpay.runtime.readiness import Check
from egpay.runtime.supervisor import Work

Opened: TypeAlias = Callable[[], AbstractAsyncContextManager[None]]
"""Holds every connection open while its block runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerAdapters:
    """Everything that is not this service; `effects` is what effects may call."""

    outbox: Outbox
    outbox_stats: OutboxStats
    case_stats: CaseStats
    publisher: Publisher
    source: MessageSource
    books: BookKeeping
    due_accesses: DueAccesses
    dead_letters: DeadLetters
    published: PublishedMessages
    retention: Retention
    retries: RetryLog
    effects: EffectContext
    clock: Clock
    consumer_lag: Callable[[], Awaitable[Mapping[str, int]]]
    """Messages that each consumer has not acknowledged yet."""
    require_topology: Callable[[], Awaitable[object]]
    """Raise Defect when the broker was never provisioned, Outage when it is away: then the worker does not start."""
    adopt: Callable[[], Awaitable[None]]
    """Store the settings that rules follow; raise Outage when the database is away."""
    connected: Callable[[], bool]
    """Whether the broker is within reach."""
    recovery: Mapping[str, Work] = field(default_factory=dict)
    """Background work that finds what no webhook reported and what the broker gave up on."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    degrading_checks: Mapping[str, Check] = field(default_factory=dict)
    on_broker_error: Callable[[Exception], Awaitable[None]] | None = None
    """Takes what the server reports to the client of the commands."""
    opened: Opened = nullcontext
