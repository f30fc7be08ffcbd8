"""A replaced price leaves Stripe by itself, once; a provider that is away or refuses ends nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from billing_worker.jobs.archive_prices import ArchivePricesJob
from egpay.domain.errors import Outage

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class DuePrices:
    """Prices that are due; an archived one is not."""

    def __init__(self, *names: str) -> None:
        self.due = list(names)
        self.asked = asyncio.Event()

    async def archivable(self, *, at: datetime) -> Sequence[str]:
        assert at == NOW
        self.asked.set()
        return list(self.due)

    async def archived(self, price: str) -> None:
        self.due.remove(price)


class FixedLead:
    """Leads, or lets another lead."""

    def __init__(self, *, leads: bool = True) -> None:
        self.leads = leads

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        yield self.leads


class ArchivingStripe:
    """Archives each price but those that it refuses; `away` fails that many calls."""

    def __init__(self, *, refused: str = "", away: int = 0) -> None:
        self.calls: list[str] = []
        self.refused, self.away = refused, away

    async def __call__(self, price: str) -> str | None:
        self.calls.append(price)
        if self.away:
            self.away -= 1
            raise Outage("Stripe does not answer")
        return "it is the default price of its product" if price == self.refused else None


def job(
    prices: DuePrices, stripe: ArchivingStripe, *, leads: bool = True, every: float = 1
) -> ArchivePricesJob:
    return ArchivePricesJob(prices, stripe, FixedLead(leads=leads), lambda: NOW, every=every)


async def test_what_is_due_is_archived_once() -> None:
    prices, stripe = DuePrices("price_a", "price_b"), ArchivingStripe()
    assert await job(prices, stripe).turn() == ["price_a", "price_b"]
    assert await job(prices, stripe).turn() == []
    assert stripe.calls == ["price_a", "price_b"]


async def test_a_price_that_stripe_refuses_to_archive_stays_due_and_holds_up_no_other() -> None:
    prices = DuePrices("price_a", "price_b")
    assert await job(prices, ArchivingStripe(refused="price_a")).turn() == ["price_b"]
    assert prices.due == ["price_a"]


async def test_one_worker_archives_at_a_time() -> None:
    stripe = ArchivingStripe()
    assert await job(DuePrices("price_a"), stripe, leads=False).turn() == []
    assert stripe.calls == []


async def test_stripe_that_is_away_puts_archiving_off(caplog: pytest.LogCaptureFixture) -> None:
    prices, stripe = DuePrices("price_a"), ArchivingStripe(away=2)
    running = asyncio.create_task(job(prices, stripe, every=0.01).run())
    async with asyncio.timeout(5):
        while prices.due:
            prices.asked.clear()
            await prices.asked.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert stripe.calls == ["price_a"] * 3
    assert "archiving postponed" in caplog.text
