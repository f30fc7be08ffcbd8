"""Ties ask: once for all that wait, at a pace, and never all at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from billing_worker.effects import carry_out
from billing_worker.inbound.backoff import backoff_delay
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.rate_limited_payments import RateLimitedPayments
from egpay.domain.commands import RefreshSubscription
from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider
from egpay.domain.events import Source, SubscriptionChanged
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, InvoiceId, MessageId, PaymentIntentId, SubscriptionId
from egpay.ports.inbox import Receipt
from egpay.provider_calls import ProviderCalls
from egpay.telemetry.metrics import Metrics
from egpay.testing.builders import moment
from egpay.testing.memory import (
    MemoryInbox,
    MemoryProviderStatus,
    MemorySingleFlight,
    MemoryStore,
    memory_unit_of_work,
)
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

SUBSCRIPTION = SubscriptionId("sub_1")
STANDING = SubscriptionChanged(
    id=MessageId("reconcile:sub_1"),
    occurred_at=moment(8),
    source=Source.RECONCILE,
    subscription_id=SUBSCRIPTION,
    report=SubscriptionReport(status=SubscriptionStatus.ACTIVE),
)


class FailingInbox(MemoryInbox):
    """An inbox whose database goes away as the answer comes."""

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:  # noqa: ARG002
        raise Outage("the database is away")


@dataclass
class Desk:
    """A worker's world in which only the provider matters."""

    store: MemoryStore = field(default_factory=MemoryStore)
    payments: ScriptedPayments = field(
        default_factory=lambda: ScriptedPayments(subscriptions={SUBSCRIPTION: STANDING})
    )
    now: datetime = field(default_factory=lambda: moment(10))
    inbox: MemoryInbox | None = None

    async def refresh(self, second: int) -> None:
        command = RefreshSubscription(
            id=MessageId(f"refresh:sub_1:{second}"),
            occurred_at=moment(second),
            source=Source.STRIPE,
            subscription_id=SUBSCRIPTION,
        )
        world = EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=RecordingMail(),
            letters=PlainLetters(),
            warehouse=RecordingWarehouse(),
            payments=self.payments,
            single_flight=MemorySingleFlight(self.store),
            inbox=self.inbox or MemoryInbox(self.store),
            clock=lambda: self.now,
            invitation_token=lambda _command, _user: "",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )
        await carry_out(command, world)


async def test_several_ties_that_wait_lead_to_one_question(desk: Desk) -> None:
    for second in (1, 2, 3, 5):
        await desk.refresh(second)
    assert desk.payments.asked == [SUBSCRIPTION]
    assert list(desk.store.tables.outbox) == ["refresh:sub_1:1:answered"]


async def test_a_tie_that_came_after_the_last_question_asks_anew(desk: Desk) -> None:
    await desk.refresh(5)
    desk.now = moment(20)
    await desk.refresh(12)
    assert len(desk.payments.asked) == 2


async def test_a_tie_whose_second_is_not_over_waits(desk: Desk) -> None:
    with pytest.raises(Outage, match="not over") as caught:
        await desk.refresh(9)
    assert (caught.value.retry_after, desk.payments.asked) == (3, [])


@pytest.mark.parametrize("fault", [Outage("Stripe is busy", retry_after=2), Defect("Stripe refuses")])
async def test_a_question_without_an_answer_is_asked_again(desk: Desk, fault: Exception) -> None:
    desk.payments.fault = fault
    with pytest.raises(type(fault)):
        await desk.refresh(1)
    desk.payments.fault = None
    await desk.refresh(2)
    assert len(desk.payments.asked) == 2
    assert len(desk.store.tables.outbox) == 1


async def test_an_answer_that_could_not_be_stored_frees_the_question(desk: Desk) -> None:
    with pytest.raises(Outage):
        await replace(desk, inbox=FailingInbox(desk.store)).refresh(1)
    await desk.refresh(2)
    assert len(desk.payments.asked) == 2
    assert len(desk.store.tables.outbox) == 1


@dataclass
class Turns:
    """A pace without a wait."""

    taken: int = 0

    async def turn(self) -> float:
        self.taken += 1
        return 0.0


def limited(payments: ScriptedPayments, turns: Turns) -> tuple[RateLimitedPayments, MemoryProviderStatus]:
    status = MemoryProviderStatus("stripe")
    return RateLimitedPayments(payments, turns, ProviderCalls(status, Metrics())), status


async def test_every_question_takes_a_turn_and_what_a_buyer_waits_for_does_not() -> None:
    turns = Turns()
    paced, _ = limited(ScriptedPayments(), turns)
    await paced.subscription(SUBSCRIPTION)
    await paced.owner(SUBSCRIPTION)
    await paced.open_invoice(InvoiceId("in_1"))
    await paced.trace_payment(PaymentIntentId("pi_1"))
    await paced.delete_customer(CustomerId("cus_1"))
    assert turns.taken == 5


async def test_one_who_is_told_to_come_back_later_keeps_all_others_waiting() -> None:
    turns = Turns()
    provider = ScriptedPayments(fault=PausedByProvider("429", retry_after=7.0))
    paced, status = limited(provider, turns)
    for _ in range(3):
        with pytest.raises(PausedByProvider):
            await paced.subscription(SUBSCRIPTION)
    assert (len(provider.asked), turns.taken) == (1, 1)
    assert 6 < (await status.state()).paused_for <= 7


async def test_a_key_that_the_provider_refuses_is_known_by_its_status() -> None:
    paced, status = limited(ScriptedPayments(fault=RefusedByProvider("401", status=401)), Turns())
    with pytest.raises(RefusedByProvider):
        await paced.owner(SUBSCRIPTION)
    assert (await status.state()).refusal == "401"


def test_what_the_other_side_asked_for_is_the_least_and_not_the_same_for_all() -> None:
    delays = {backoff_delay(1, asked_for=8) for _ in range(50)}
    assert min(delays) >= 8
    assert max(delays) <= 10
    assert len(delays) > 40
    assert min(backoff_delay(8, asked_for=1) for _ in range(50)) >= 32


@pytest.fixture
def desk() -> Desk:
    return Desk()
