"""The reconciler on a schedule: one leader, only when it is due, and loud when something stayed away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from billing_worker.jobs.reconcile import ReconcileJob, ReconcileMetrics
from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.outbox import PostgresPublishedMessages
from egpay.adapters.postgres.reconciliation import PostgresLeaderLock, PostgresReconciliationState
from egpay.domain.errors import Outage
from egpay.domain.values import SessionId
from egpay.ports.history import EventPage, ProviderEvent, ProviderList, Window
from egpay.ports.inbox import Receipt
from egpay.reconciliation import CompareObjects, PollEvents, Republish, RepublishWhenIdle
from egpay.telemetry.metrics import Metrics
from egpay.testing.builders import moment, receipt, subscription_changed


@dataclass
class Provider:
    """A provider with a list of events and nothing else."""

    told: list[ProviderEvent] = field(default_factory=list)
    asked: int = 0
    away: bool = False
    version: str = "newest"

    async def events(self, window: Window, after: str | None) -> EventPage:  # noqa: ARG002
        self.asked += 1
        if self.away:
            raise Outage("Stripe: APIError 503")
        return EventPage(told=self.told)

    async def session(self, session_id: SessionId) -> Sequence[Receipt]:  # noqa: ARG002
        return ()

    async def subscriptions(self, after: str | None) -> EventPage:  # noqa: ARG002
        return EventPage(told=())

    async def paid_invoices(self, after: str | None) -> EventPage:  # noqa: ARG002
        return EventPage(told=())

    async def recorded(self, objects: ProviderList, after: str | None) -> EventPage:  # noqa: ARG002
        return EventPage(told=())


@dataclass
class Workers:
    """Workers of whom these have nothing to do; `away` says that the broker does not answer."""

    idle_ones: dict[str, Sequence[str]] = field(default_factory=dict)
    away: bool = False

    async def idle(self) -> Mapping[str, Sequence[str]]:
        if self.away:
            raise Outage("JetStream does not answer")
        return self.idle_ones


@dataclass
class Time:
    """A clock that is set by hand."""

    now: datetime = field(default_factory=moment)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(database_url, name="test", size=4) as opened:
        yield opened


def job(
    url: str,
    pool: Pool,
    provider: Provider,
    time: Time,
    metrics: Metrics | None = None,
    workers: Workers | None = None,
) -> ReconcileJob:
    ledger, inbox = PostgresReconciliationState(pool), PostgresInbox(pool)
    republish = Republish(PostgresPublishedMessages(pool), ledger)
    return ReconcileJob(
        poll=PollEvents(provider, ledger, inbox, time, settle=timedelta(seconds=120)),
        compare=CompareObjects(provider, ledger, inbox, time),
        republish=RepublishWhenIdle(republish, workers or Workers(), ledger, time, kept=timedelta(days=8)),
        ledger=ledger,
        leadership=PostgresLeaderLock(url, "reconcile"),
        clock=time,
        interval=timedelta(seconds=300),
        metrics=ReconcileMetrics(metrics or Metrics()),
    )


def missed(*, at: float) -> ProviderEvent:
    return ProviderEvent(receipt=receipt(subscription_changed(at=at)))


async def test_of_several_workers_one_asks(database_url: str, pool: Pool) -> None:
    provider, time = Provider(), Time()
    jobs = [job(database_url, pool, provider, time) for _ in range(4)]
    done = await asyncio.gather(*(each.turn() for each in jobs))
    assert len([report for report in done if report]) == 1
    assert provider.asked == 1


async def test_a_leader_that_is_gone_is_followed_by_another(database_url: str) -> None:
    first, second = (PostgresLeaderLock(database_url, "reconcile") for _ in range(2))
    async with first.held() as leads, second.held() as also:
        assert (leads, also) == (True, False)
    async with second.held() as leads:
        assert leads


async def test_nobody_asks_before_it_is_due(database_url: str, pool: Pool) -> None:
    provider, time = Provider(), Time()
    reconciler = job(database_url, pool, provider, time)
    assert await reconciler.turn()
    time.now = moment(299)
    assert await reconciler.turn() is None
    time.now = moment(300)
    assert await reconciler.turn()
    assert provider.asked == 2


async def test_a_young_event_is_left_to_its_webhook_and_entered_when_that_stays_away(
    database_url: str, pool: Pool
) -> None:
    provider, time = Provider([missed(at=-60)]), Time()
    reconciler = job(database_url, pool, provider, time)
    report = await reconciler.turn()
    assert report
    assert not report.findings
    time.now = moment(300)
    report = await reconciler.turn()
    assert report
    assert [finding.kind for finding in report.findings] == ["missed"]


async def test_events_that_no_webhook_brought_are_counted_and_logged_as_an_error(
    database_url: str, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    provider = Provider([missed(at=-600), missed(at=-700)])
    with caplog.at_level(logging.ERROR):
        await job(database_url, pool, provider, Time(), metrics).turn()
    [record] = caplog.records
    assert record.message.startswith("missed webhooks found")
    numbers = metrics.render().decode()
    assert 'egpay_reconcile_findings_total{kind="missed"} 2.0' in numbers
    assert "egpay_silent_events 2.0" in numbers


async def test_a_provider_that_is_away_is_asked_again_at_the_next_turn(database_url: str, pool: Pool) -> None:
    provider, time = Provider([missed(at=-600)], away=True), Time()
    reconciler = job(database_url, pool, provider, time)
    with pytest.raises(Outage):
        await reconciler.turn()
    provider.away = False
    report = await reconciler.turn()
    assert report
    assert len(report.findings) == 1


EVENTS, COMMANDS = ("billing.events.*",), ("billing.commands.ship_devices", "billing.commands.hold_shipment")


async def publish(pool: Pool, name: str, subject: str, *, at: float) -> None:
    await pool.execute(
        "INSERT INTO outbox (message_id, subject, payload, published_at) VALUES ($1, $2, '{}', $3)",
        name,
        subject,
        moment(at),
    )


async def waiting(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT message_id FROM outbox WHERE published_at IS NULL ORDER BY id")
    return [row["message_id"] for row in rows]


async def test_what_the_broker_lost_is_sent_again_told_and_counted(
    database_url: str, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(pool, "evt_lost", "billing.events.invoice_paid", at=-3600)
    await publish(pool, "evt_young", "billing.events.invoice_paid", at=-600)
    workers, metrics = Workers({"reactions": EVENTS}), Metrics()
    with caplog.at_level(logging.ERROR):
        report = await job(database_url, pool, Provider(), Time(), metrics, workers).turn()
    assert report
    assert [(finding.kind, finding.event_id, finding.type) for finding in report.findings] == [
        ("lost", "evt_lost", "invoice_paid")
    ]
    assert await waiting(pool) == ["evt_lost"]
    assert await pool.fetchval("SELECT event_id FROM reconcile_findings WHERE kind = 'lost'") == "evt_lost"
    assert 'egpay_reconcile_findings_total{kind="lost"} 1.0' in metrics.render().decode()
    assert [record.message for record in caplog.records] == ["lost messages republished"]


async def test_what_may_wait_behind_a_backlog_is_left_alone_until_that_is_gone(
    database_url: str, pool: Pool
) -> None:
    await publish(pool, "ship:1", "billing.commands.ship_devices", at=-3600)
    await publish(pool, "introduction:1", "billing.commands.send_introduction", at=-3600)
    workers, time = Workers({"reactions": EVENTS}), Time()
    reconciler = job(database_url, pool, Provider(), time, workers=workers)
    await reconciler.turn()
    assert await waiting(pool) == []
    workers.idle_ones = {"reactions": EVENTS, "effects-warehouse": COMMANDS}
    time.now = moment(300)
    await reconciler.turn()
    assert await waiting(pool) == ["ship:1"]


async def test_a_look_begins_where_the_last_one_ended(database_url: str, pool: Pool) -> None:
    workers, time = Workers({"reactions": EVENTS}), Time()
    reconciler = job(database_url, pool, Provider(), time, workers=workers)
    await reconciler.turn()
    await publish(pool, "evt_seen_to_be_done_then", "billing.events.invoice_paid", at=-3600)
    await publish(pool, "evt_new", "billing.events.invoice_paid", at=-700)
    time.now = moment(300)
    report = await reconciler.turn()
    assert report
    assert [finding.event_id for finding in report.findings] == ["evt_new"]


async def test_a_broker_that_is_away_takes_nothing_from_what_the_provider_said(
    database_url: str, pool: Pool
) -> None:
    provider, workers = Provider([missed(at=-600)]), Workers(away=True)
    report = await job(database_url, pool, provider, Time(), workers=workers).turn()
    assert report
    assert [finding.kind for finding in report.findings] == ["missed"]
