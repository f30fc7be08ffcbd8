"""Orders of one e-mail, over memory and PostgreSQL alike: the same order is found, another one stands beside it."""

import asyncio
from typing import Any

import pytest

from egpay.adapters.system.ids import new_sale_id
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import Address, CustomerId, EmailKey, SaleId, SessionId
from egpay.ports.payments import CheckoutSession
from egpay.testing.builders import checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

ADA = EmailKey("ada@example.com")
PAGE = CheckoutSession(SessionId("cs_1"), "https://pay.test/c/1", moment(3600))


async def added(storage: Storage, placed: Order, **facts: Any) -> Sale:
    stored = sale(placed, **facts)
    async with storage.begin() as uow:
        await uow.sales.add(stored, placed)
    return stored


async def open_order(storage: Storage, placed: Order, *, at: float = 0) -> SaleId | None:
    async with storage.begin() as uow:
        return await uow.sales.open_order(placed, at=moment(at))


@pytest.mark.parametrize(
    "typed",
    [
        order(),
        order(email=" ADA@Example.COM "),
        order(organisation="  analytical "),
        order(name="ada   LOVELACE"),
        order(shipping_address=Address(line1="12 st james's square", city="LONDON", country="GB")),
        order(lines=tuple(reversed(order().lines))),
    ],
)
async def test_the_same_order_is_found_however_it_is_typed(storage: Storage, typed: Order) -> None:
    stored = await added(storage, order())
    assert await open_order(storage, typed) == stored.id


async def test_an_order_of_a_known_customer_is_another_one_than_a_strangers(storage: Storage) -> None:
    known = CustomerId("cus_known")
    stored = await added(storage, order(), customer_id=known)
    async with storage.begin() as uow:
        assert await uow.sales.open_order(order(), at=moment(), customer=known) == stored.id
    assert await open_order(storage, order()) is None


@pytest.mark.parametrize(
    "other",
    [
        order(devices=4),
        order(plan=None),
        order(name="Grace Hopper"),
        order(email="grace@example.com"),
        order(organisation="Another"),
        order(billing_email="books@example.com"),
        order(shipping_address=Address(line1="1 Quay", city="Cork", country="IE")),
    ],
)
async def test_another_order_is_not_taken_for_it_and_stands_beside_it(storage: Storage, other: Order) -> None:
    first = await added(storage, order())
    assert await open_order(storage, other) is None
    second = await added(storage, other)
    assert await open_order(storage, order()) == first.id
    assert await open_order(storage, other) == second.id


async def test_of_equal_orders_at_once_one_is_stored(storage: Storage) -> None:
    async def place() -> SaleId:
        placed = order()
        async with storage.begin() as uow:
            if found := await uow.sales.open_order(placed, at=moment()):
                return found
            stored = open_sale(placed, sale_id=new_sale_id(), at=moment())
            await uow.sales.add(stored, placed)
            return stored.id

    assert len(set(await asyncio.gather(*(place() for _ in range(8))))) == 1


@pytest.mark.parametrize("status", sorted(SaleStatus))
async def test_only_a_sale_in_progress_is_open_for_its_order(storage: Storage, status: SaleStatus) -> None:
    facts: dict[SaleStatus, dict[str, Any]] = {
        SaleStatus.IN_PROGRESS: {},
        SaleStatus.AWAITING_PAYMENT: {"session_progress": SessionProgress.COMPLETED},
        SaleStatus.PAID: {"paid_at": moment(5)},
        SaleStatus.EXPIRED: {"session_progress": SessionProgress.EXPIRED},
        SaleStatus.PAYMENT_FAILED: {"session_progress": SessionProgress.FAILED},
        SaleStatus.REFUNDED: {"paid_at": moment(5), "refunded": True},
        SaleStatus.CANCELLED: {"cancelled": True},
    }
    first = await added(storage, order())
    after = first._with(**facts[status])
    assert after.status is status
    await storage.apply([checkout_completed(first.id)], writing(after))
    assert await open_order(storage, order()) == (first.id if status is SaleStatus.IN_PROGRESS else None)


async def test_a_page_that_timed_out_is_not_open_any_more(storage: Storage) -> None:
    first = await added(storage, order())
    async with storage.begin() as uow:
        await uow.sales.session_opened(first.id, PAGE)
    assert await open_order(storage, order(), at=3599) == first.id
    assert await open_order(storage, order(), at=3600) is None


async def test_the_open_pages_of_an_organisation_are_those_that_sell_it_a_subscription(
    storage: Storage,
) -> None:
    def page(name: str) -> dict[str, Any]:
        return {"checkout_session_id": SessionId(name)}

    mine = await added(storage, order(), **page("cs_1"))
    also = await added(storage, order(devices=1, organisation=" ANALYTICAL  "), **page("cs_2"))
    await added(storage, order(devices=2))
    await added(storage, order(plan=None), **page("cs_3"))
    await added(storage, order(organisation="Another"), **page("cs_4"))
    await added(storage, order(email="grace@example.com"), **page("cs_5"))
    await added(storage, order(devices=5), **page("cs_6"), status=SaleStatus.PAID)
    async with storage.begin() as uow:
        found = await uow.sales.open_pages(ADA, "Analytical")
    assert sorted(found) == sorted([(mine.id, SessionId("cs_1")), (also.id, SessionId("cs_2"))])


@pytest.mark.parametrize(
    ("paid", "status", "reported", "in_the_way"),
    [
        (True, SubscriptionStatus.INCOMPLETE, 0, True),
        (True, SubscriptionStatus.INCOMPLETE, 9, False),
        (False, SubscriptionStatus.INCOMPLETE, 0, False),
        (True, SubscriptionStatus.ACTIVE, 9, True),
        (False, SubscriptionStatus.ACTIVE, 9, False),
        (True, SubscriptionStatus.PAUSED, 9, False),
    ],
)
async def test_a_subscription_goes_on_with_its_money_which_may_come_before_the_report(
    storage: Storage, paid: bool, status: SubscriptionStatus, reported: int, in_the_way: bool
) -> None:
    first = await added(storage, order())
    begun = subscription("sub_1", at=reported, sale_id=first.id, status=status)
    bought = first.settled(moment(5)) if paid else first
    await storage.apply([checkout_completed(first.id)], writing(bought, begun))
    async with storage.begin() as uow:
        live = await uow.accounts.live_subscriptions(ADA)
    assert [(one.id, one.organisation) for one in live] == [(begun.id, "Analytical")] * in_the_way
