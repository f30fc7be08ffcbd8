"""A snapshot records what it only lists, once for each state, and goes on where it was interrupted."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.reconciliation import PostgresReconciliationState
from egpay.adapters.stripe.outbound.recorded_lists import recorded_receipt
from egpay.domain.errors import Outage
from egpay.domain.events import (
    BillingEvent,
    DisputeReported,
    FraudWarningReported,
    RefundReported,
    ReviewReported,
    Source,
)
from egpay.domain.refunds import RefundStatus
from egpay.domain.values import MessageId, PaymentIntentId, SessionId
from egpay.ports.history import EventPage, ProviderEvent, ProviderList, Window
from egpay.ports.inbox import Receipt
from egpay.reconciliation import CompareObjects
from egpay.testing.builders import moment, receipt

pytestmark = pytest.mark.integration
EVERY_LIST = ["subscriptions", "paid invoices", *ProviderList]


@dataclass
class Lists:
    """A provider with one dispute; it goes away when `away_at` is asked for."""

    dispute: bytes = b'{"id": "du_1", "created": 1795000000, "status": "needs_response"}'
    away_at: str | None = None
    asked: list[str] = field(default_factory=list)
    version: str = "newest"

    async def events(self, window: Window, after: str | None) -> EventPage:
        raise NotImplementedError

    async def session(self, session_id: SessionId) -> Sequence[Receipt]:
        raise NotImplementedError

    async def subscriptions(self, after: str | None) -> EventPage:  # noqa: ARG002
        return self._page("subscriptions")

    async def paid_invoices(self, after: str | None) -> EventPage:  # noqa: ARG002
        return self._page("paid invoices")

    async def recorded(self, objects: ProviderList, after: str | None) -> EventPage:  # noqa: ARG002
        receipts = (
            [recorded_receipt(self.dispute, "charge.dispute.updated", live=False)]
            if objects is ProviderList.DISPUTES
            else []
        )
        return self._page(objects, *receipts)

    def _page(self, name: str, *receipts: Receipt) -> EventPage:
        if self.away_at == name:
            raise Outage("Stripe: APIError 503")
        self.asked.append(name)
        return EventPage(told=[ProviderEvent(receipt=receipt) for receipt in receipts])


@dataclass
class Time:
    """A clock that is set by hand."""

    now: datetime = field(default_factory=moment)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(database_url, name="test", size=2) as opened:
        yield opened


async def test_an_object_is_recorded_as_ignored_and_counted_once_for_each_of_its_states(pool: Pool) -> None:
    lists, time, counted = Lists(), Time(), Counter[str]()
    compare = CompareObjects(
        lists,
        PostgresReconciliationState(pool),
        PostgresInbox(pool),
        time,
        lambda receipt: counted.update([receipt.type]),
    )
    for dispute in (lists.dispute, lists.dispute, lists.dispute.replace(b"needs_response", b"lost")):
        lists.dispute = dispute
        time.now += timedelta(days=1)
        report = await compare.snapshot()
        assert (report.looked_at, report.findings) == (1, ())
    rows = await pool.fetch(
        "SELECT event_id, source, type, disposition, reason FROM webhook_events ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        (
            f"reconcile:du_1:{state}",
            "reconcile",
            "charge.dispute.updated",
            "ignored",
            "recorded: nothing follows from events of this type yet",
        )
        for state in ("lost", "needs_response")
    ]
    assert counted == {"charge.dispute.updated": 2}
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_an_interrupted_snapshot_goes_on_with_the_list_at_which_it_stopped(pool: Pool) -> None:
    lists, time = Lists(away_at=ProviderList.OPEN_REVIEWS), Time()
    compare = CompareObjects(lists, PostgresReconciliationState(pool), PostgresInbox(pool), time)
    with pytest.raises(Outage):
        await compare.snapshot()
    assert lists.asked == ["subscriptions", "paid invoices", ProviderList.DISPUTES, ProviderList.REFUNDS]
    assert await compare.snapshot_is_due(timedelta(days=1))
    lists.away_at = None
    time.now += timedelta(minutes=5)
    await compare.snapshot()
    assert lists.asked == EVERY_LIST
    time.now += timedelta(minutes=5)
    await compare.snapshot()
    assert lists.asked == EVERY_LIST * 2


async def test_a_list_that_was_read_long_before_the_snapshot_goes_on_is_read_again(pool: Pool) -> None:
    lists, time = Lists(away_at=ProviderList.DISPUTES), Time()
    compare = CompareObjects(lists, PostgresReconciliationState(pool), PostgresInbox(pool), time)
    with pytest.raises(Outage):
        await compare.snapshot()
    lists.away_at = None
    time.now += timedelta(hours=2)
    await compare.snapshot()
    assert lists.asked == ["subscriptions", "paid invoices", *EVERY_LIST]


async def test_a_refund_dispute_warning_or_review_is_news_only_if_the_books_say_otherwise(pool: Pool) -> None:
    await pool.execute("""
        INSERT INTO payments (id, provider, payment_intent_id, refunds, warnings) VALUES
            ('sale_1', 'stripe', 'pi_1',
             '{"known": {"re_1": {"amount": 5, "status": "succeeded", "reported_at": "2026-11-23T12:00:00Z"}}}',
             '{"issfr_1": {"actionable": true, "reported_at": "2026-11-23T12:00:00Z"}}')
    """)
    await pool.execute("""
        INSERT INTO disputes (id, payment_id, status, reported_at) VALUES ('du_1', 'sale_1', 'lost', now())
    """)
    await pool.execute("INSERT INTO reviews (id, payment_id, opened_at) VALUES ('prv_1', 'sale_1', now())")
    about: dict[str, Any] = {
        "occurred_at": moment(),
        "source": Source.RECONCILE,
        "payment_intent_id": PaymentIntentId("pi_1"),
    }
    refund: dict[str, Any] = {"refund_id": "re_1", "amount": 5, "currency": "eur"}
    known: list[BillingEvent] = [
        RefundReported(id=MessageId("a"), **about, **refund, status=RefundStatus.SUCCEEDED),
        DisputeReported(id=MessageId("b"), **about, dispute_id="du_1", status="lost"),
        FraudWarningReported(id=MessageId("c"), **about, warning_id="issfr_1", actionable=True),
        ReviewReported(id=MessageId("d"), **about, review_id="prv_1", is_open=True),
    ]
    news: list[BillingEvent] = [
        RefundReported(id=MessageId("e"), **about, **refund, status=RefundStatus.FAILED),
        DisputeReported(id=MessageId("f"), **about, dispute_id="du_1", status="won"),
        FraudWarningReported(id=MessageId("g"), **about, warning_id="issfr_2", actionable=True),
        ReviewReported(id=MessageId("h"), **about, review_id="prv_2", is_open=True),
    ]
    found = await PostgresReconciliationState(pool).news([receipt(event) for event in (*known, *news)])
    assert [one.event for one in found] == news
