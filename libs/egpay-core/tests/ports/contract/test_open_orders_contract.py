"""One open sale of a subscription for each e-mail, over memory and PostgreSQL alike, however many ask at once."""

import asyncio
from typing import Any

import pytest

from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import EmailKey, SaleId, SessionId
from egpay.ports.payments import CheckoutSession
from egpay.testing.builders import checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

ADA = EmailKey("ada@example.com")
PAGE = CheckoutSession(SessionId("cs_1"), "https://pay.test/c/1", moment(3600))


async def added(storage: Storage, opened: Sale) -> bool:
    async with storage.begin() as uow:
        return await uow.sales.add(opened, order())


async def found(storage: Storage, sale_id: SaleId) -> Sale | None:
    async with storage.begin() as uow:
        row = await uow.sales.find(sale_id)
    return row[0] if row else None


async def open_to(storage: Storage, key: EmailKey = ADA) -> SaleId | None:
    async with storage.begin() as uow:
        return await uow.sales.open_to(key)


async def test_a_second_open_sale_of_a_subscription_to_one_email_is_not_kept(storage: Storage) -> None:
    first, second = sale(), sale()
    assert await added(storage, first)
    assert not await added(storage, second)
    assert await found(storage, second.id) is None
    assert await open_to(storage) == first.id


async def test_devices_and_other_people_are_not_in_the_way(storage: Storage) -> None:
    assert await added(storage, sale())
    assert await added(storage, sale(plan=None))
    assert await added(storage, sale(plan=None))
    assert await added(storage, sale(email_key=EmailKey("grace@example.com")))


async def test_of_many_at_once_one_is_kept(storage: Storage) -> None:
    kept = await asyncio.gather(*(added(storage, sale()) for _ in range(8)))
    assert sorted(kept) == [False] * 7 + [True]


@pytest.mark.parametrize("status", sorted(SaleStatus))
async def test_a_sale_makes_way_once_nobody_can_pay_for_it(storage: Storage, status: SaleStatus) -> None:
    facts: dict[SaleStatus, dict[str, Any]] = {
        SaleStatus.IN_PROGRESS: {},
        SaleStatus.AWAITING_PAYMENT: {"session_progress": SessionProgress.COMPLETED},
        SaleStatus.PAID: {"paid_at": moment(5)},
        SaleStatus.EXPIRED: {"session_progress": SessionProgress.EXPIRED},
        SaleStatus.PAYMENT_FAILED: {"session_progress": SessionProgress.FAILED},
        SaleStatus.REFUNDED: {"paid_at": moment(5), "refunded": True},
        SaleStatus.CANCELLED: {"cancelled": True},
    }
    first = sale()
    await added(storage, first)
    after = first._with(**facts[status])
    assert after.status is status
    await storage.apply([checkout_completed(first.id)], writing(after))
    waits = status in (SaleStatus.IN_PROGRESS, SaleStatus.AWAITING_PAYMENT)
    assert await open_to(storage) == (first.id if waits else None)
    assert await added(storage, sale()) is not waits


async def test_a_closed_page_makes_way_and_stays_closed_when_its_opener_comes_late(storage: Storage) -> None:
    first = sale()
    await added(storage, first)
    async with storage.begin() as uow:
        await uow.sales.session_closed(first.id, PAGE.id)
        assert await uow.sales.add(sale(), order())
    async with storage.begin() as uow:
        assert await uow.sales.session_opened(first.id, PAGE)
    late = await found(storage, first.id)
    assert late is not None
    assert (late.status, late.checkout_session_id) == (SaleStatus.EXPIRED, PAGE.id)


async def test_a_sale_without_a_page_can_be_closed_and_a_paid_one_cannot(storage: Storage) -> None:
    first = sale()
    await added(storage, first)
    async with storage.begin() as uow:
        await uow.sales.session_closed(first.id, None)
        await uow.sales.session_closed(SaleId("sale_unknown"), None)
    closed = await found(storage, first.id)
    assert closed is not None
    assert closed.status is SaleStatus.EXPIRED
    paid = sale()._with(paid_at=moment(5))
    await added(storage, paid)
    async with storage.begin() as uow:
        await uow.sales.session_closed(paid.id, None)
    still = await found(storage, paid.id)
    assert still is not None
    assert still.status is SaleStatus.PAID


async def test_a_dead_sale_is_not_opened_again_beside_an_open_one(storage: Storage) -> None:
    first, second = sale(), sale()
    await added(storage, first)
    async with storage.begin() as uow:
        await uow.sales.session_opened(first.id, PAGE)
        await uow.sales.session_closed(first.id, PAGE.id)
    await added(storage, second)
    again = CheckoutSession(SessionId("cs_2"), "https://pay.test/c/2")
    async with storage.begin() as uow:
        assert not await uow.sales.session_opened(first.id, again, attempt=2)
        await uow.sales.session_closed(second.id, None)
        assert await uow.sales.session_opened(first.id, again, attempt=2)
    assert await open_to(storage) == first.id


@pytest.mark.parametrize(("paid", "in_the_way"), [(True, True), (False, False)])
async def test_a_subscription_that_is_paid_for_counts_before_it_is_reported(
    storage: Storage, paid: bool, in_the_way: bool
) -> None:
    first = sale()
    await added(storage, first)
    begun = subscription("sub_1", sale_id=first.id, status=SubscriptionStatus.INCOMPLETE)
    bought = first.settled(moment(5)) if paid else first
    await storage.apply([checkout_completed(first.id)], writing(bought, begun))
    async with storage.begin() as uow:
        assert await uow.accounts.live_subscription(ADA) == (begun if in_the_way else None)
