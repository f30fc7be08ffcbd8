"""A buyer who is back before the webhook: the provider is asked once, and its answer goes the way of every webhook."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from checkout_api.testing.doubles import NOON, OnePagePerAttempt, StandingClock
from checkout_api.usecases.late_webhook import LateWebhook
from checkout_api.usecases.sale_status import SaleStatusOf
from checkout_api.usecases.sale_waiters import SaleWaiters
from egpay.domain.errors import Defect, EgpayError, Outage
from egpay.domain.events import Source
from egpay.domain.sale import SaleStatus
from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.payments import CheckoutSession
from egpay.testing.builders import checkout_completed, order, sale
from egpay.testing.memory import MemoryStore, memory_unit_of_work
from egpay.testing.memory.sale_versions import MemorySaleVersions

SESSION = SessionId("cs_1")
SALE = SaleId("sale_" + "a" * 26)


def answer() -> Receipt:
    event = checkout_completed(SALE)
    return Receipt(
        source=Source.RECONCILE,
        event_id=MessageId("reconcile:cs_1:complete:paid"),
        type="checkout.session.complete",
        body=b"{}",
        occurred_at=NOON,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=SALE,
    )


@dataclass
class Shop:
    """A sale whose page is open, and a provider that knows more."""

    store: MemoryStore = field(default_factory=MemoryStore)
    provider: OnePagePerAttempt = field(default_factory=lambda: OnePagePerAttempt(StandingClock()))
    stored: list[Receipt] = field(default_factory=list)
    settles: bool = True

    def __post_init__(self) -> None:
        placed = order()
        self.store.tables.orders[SALE] = placed
        self.store.tables.sales[SALE] = sale(placed, id=SALE)
        self.store.tables.checkout_pages[SALE] = CheckoutSession(SESSION, "https://pay.test/c/1")
        self.provider.ended[SESSION] = [answer()]

    async def keep(self, receipt: Receipt) -> None:
        """Stand for the group commit and the worker: what is stored is in the books."""
        self.stored.append(receipt)
        if self.settles:
            self.store.tables.sales[SALE] = self.store.tables.sales[SALE].settled(NOON)

    def late(self, pause: float = 30.0) -> LateWebhook:
        return LateWebhook(
            memory_unit_of_work(self.store), self.provider.look_at_session, self.keep, pause=pause
        )

    def status(self) -> SaleStatusOf:
        versions = MemorySaleVersions(self.store)
        return SaleStatusOf(
            memory_unit_of_work(self.store),
            versions,
            SaleWaiters(versions),
            self.late(),
            StandingClock(),
            late_after=0.01,
        )


async def test_who_waits_for_a_late_webhook_reads_what_the_provider_says() -> None:
    shop = Shop()
    status = shop.status()
    known = (await status(SALE)).version
    told = await status(SALE, since=known, seconds=0.02)
    assert (told.status, shop.provider.looked) == (SaleStatus.PAID, [SESSION])
    assert [receipt.event_id for receipt in shop.stored] == ["reconcile:cs_1:complete:paid"]


async def test_a_slow_provider_makes_no_one_wait_longer_than_he_asked_for() -> None:
    shop = Shop()

    async def look(sale_id: SaleId) -> None:
        await asyncio.sleep(60)

    status = replace(shop.status(), look=look)
    known = (await status(SALE)).version
    async with asyncio.timeout(5):
        assert (await status(SALE, since=known, seconds=0.05)).status is SaleStatus.IN_PROGRESS


async def test_who_does_not_wait_asks_no_one() -> None:
    shop = Shop()
    await shop.status()(SALE)
    assert shop.provider.looked == []


async def test_a_session_is_asked_about_once_however_many_wait() -> None:
    shop = Shop(settles=False)
    late = shop.late()
    for _ in range(5):
        await late(SALE)
    assert shop.provider.looked == [SESSION]


async def test_a_session_that_was_open_is_asked_about_again_after_the_pause() -> None:
    shop = Shop(settles=False)
    shop.provider.ended.clear()
    late = shop.late(pause=0)
    await late(SALE)
    await late(SALE)
    assert (shop.provider.looked, shop.stored) == ([SESSION, SESSION], [])


async def test_a_sale_of_which_something_was_reported_is_not_asked_about() -> None:
    shop = Shop()
    shop.store.tables.sales[SALE] = shop.store.tables.sales[SALE].settled(NOON)
    await shop.late()(SALE)
    await shop.late()(SaleId("sale_" + "b" * 26))
    assert shop.provider.looked == []


@pytest.mark.parametrize("fault", [Outage("Stripe is away"), Defect("Stripe refuses"), TimeoutError()])
async def test_a_provider_that_is_away_costs_the_buyer_no_answer(fault: EgpayError) -> None:
    shop = Shop()
    shop.provider.fault = fault
    status = shop.status()
    known = (await status(SALE)).version
    assert (await status(SALE, since=known, seconds=0.02)).status is SaleStatus.IN_PROGRESS
