"""What an order left at the provider is deleted a month later, unless it was paid; no outage or refusal ends that."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from billing_worker.jobs.unpaid_customers import UnpaidCustomersJob
from egpay.domain.errors import Outage, PausedByProvider, RequestRefused
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId
from egpay.testing.builders import moment, order, sale
from egpay.testing.memory import MemoryStore, memory_unit_of_work
from egpay.testing.world import ScriptedPayments


@dataclass(slots=True)
class Month:
    """A worker a month after the orders; `customers` are those of the provider."""

    store: MemoryStore = field(default_factory=MemoryStore)
    payments: ScriptedPayments = field(default_factory=ScriptedPayments)
    now: datetime = moment() + timedelta(days=30, minutes=1)

    async def ordered(self, *customers: str) -> list[Sale]:
        sales = []
        async with memory_unit_of_work(self.store)() as uow:
            for number, customer in enumerate(customers):
                placed = order()
                sales.append(sale(placed))
                await uow.sales.add(sales[-1], placed)
                await uow.customers.store(CustomerId(customer), sales[-1].id, at=moment(number))
        return sales

    def job(self, **how: float) -> UnpaidCustomersJob:
        return UnpaidCustomersJob(
            memory_unit_of_work(self.store),
            self.payments,
            lambda: self.now,
            every=how.get("every", 3600.0),
            most=int(how.get("most", 50)),
        )

    def deleted(self) -> set[str]:
        return {key for key, one in self.store.tables.customers.items() if one.deleted_at}


async def test_the_customer_of_an_unpaid_order_is_deleted_once() -> None:
    month = Month()
    await month.ordered("cus_1")
    assert [await month.job().turn(), await month.job().turn()] == [1, 0]
    assert month.payments.asked == ["cus_1"]
    assert month.deleted() == {"cus_1"}


async def test_nothing_is_asked_before_the_month_is_over() -> None:
    month = Month(now=moment() + timedelta(days=30))
    await month.ordered("cus_1")
    assert await month.job().turn() == 0
    assert month.payments.asked == []


async def test_the_customer_of_a_paid_order_stays() -> None:
    month = Month()
    [paid, _] = await month.ordered("cus_paid", "cus_unpaid")
    month.store.tables.sales[paid.id] = paid.settled(moment(60))
    assert await month.job().turn() == 1
    assert month.payments.asked == ["cus_unpaid"]


async def test_one_turn_deletes_so_many_and_the_next_the_rest() -> None:
    month = Month()
    await month.ordered("cus_1", "cus_2", "cus_3")
    turns = [await month.job(most=2).turn() for _ in range(3)]
    assert turns == [2, 1, 0]
    assert month.deleted() == {"cus_1", "cus_2", "cus_3"}


async def test_a_subscription_that_only_the_provider_knows_keeps_its_customer() -> None:
    month = Month(payments=ScriptedPayments(subscribed={CustomerId("cus_1")}))
    await month.ordered("cus_1", "cus_2")
    assert await month.job().turn() == 1
    assert month.deleted() == {"cus_2"}


async def test_one_that_the_provider_refuses_stands_in_no_ones_way() -> None:
    month = Month()
    await month.ordered("cus_1")
    month.payments.fault = RequestRefused("Stripe: InvalidRequestError 400", code=None)
    assert await month.job(most=1).turn() == 0
    month.payments.fault = None
    month.now += timedelta(hours=1)
    await month.ordered("cus_2")
    assert await month.job(most=1).turn() == 1
    assert await month.job(most=1).turn() == 1
    assert month.deleted() == {"cus_1", "cus_2"}


@pytest.mark.parametrize(
    "outage", [Outage("Stripe is out of reach"), PausedByProvider("a pause", retry_after=60)]
)
async def test_an_outage_puts_the_rest_off_and_forgets_nothing(outage: Outage) -> None:
    month = Month()
    await month.ordered("cus_1")
    month.payments.fault = outage
    with pytest.raises(Outage):
        await month.job().turn()
    month.payments.fault = None
    assert await month.job().turn() == 1


async def test_a_database_that_is_away_ends_no_worker() -> None:
    month = Month()
    await month.ordered("cus_1")
    month.store.away = True
    running = asyncio.create_task(month.job(every=0.01).run())
    await asyncio.sleep(0.05)
    month.store.away = False
    async with asyncio.timeout(5):
        while month.deleted() != {"cus_1"}:
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
