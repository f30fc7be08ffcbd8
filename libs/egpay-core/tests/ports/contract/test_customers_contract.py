"""The customers made for orders, over memory and PostgreSQL alike: one a sale, and none of a sale that was never paid."""

from datetime import timedelta

import pytest

from egpay.domain.sale import Sale, SessionProgress
from egpay.domain.values import CustomerId, SessionId, SubscriptionId
from egpay.ports.customers import SaleCustomer
from egpay.testing.builders import checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import Record, writing
from egpay.testing.storage import Storage

CUSTOMER = CustomerId("cus_1")
MONTH = timedelta(days=30)


async def made(storage: Storage, customer: CustomerId = CUSTOMER) -> Sale:
    """A sale whose customer was made at moment 0."""
    placed = order()
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
        await uow.customers.store(customer, opened.id, at=moment())
    return opened


async def given_up(storage: Storage, *, most: int = 10) -> list[CustomerId]:
    """What is to be deleted a minute after a month."""
    at = moment() + MONTH + timedelta(minutes=1)
    async with storage.begin() as uow:
        return list(await uow.customers.give_up(unused_since=at - MONTH, at=at, most=most))


async def test_a_sale_has_one_customer_for_all_its_pages(storage: Storage) -> None:
    opened = await made(storage)
    async with storage.begin() as uow:
        await uow.customers.store(CUSTOMER, opened.id, at=moment(5))
        assert await uow.customers.of_sale(opened.id, at=moment(9)) == SaleCustomer(id=CUSTOMER)


async def test_a_sale_without_a_customer_gets_its_first(storage: Storage) -> None:
    placed = order()
    async with storage.begin() as uow:
        await uow.sales.add(sale(placed), placed)
        assert await uow.customers.of_sale(sale(placed).id, at=moment()) == SaleCustomer(number=1)
        assert not await uow.customers.made_for(sale(placed).id)


async def test_the_customer_of_an_order_that_was_never_paid_is_given_up_after_a_month(
    storage: Storage,
) -> None:
    opened = await made(storage)
    async with storage.begin() as uow:
        early = moment() + MONTH - timedelta(minutes=1)
        assert await uow.customers.give_up(unused_since=early - MONTH, at=early, most=10) == []
    assert await given_up(storage) == [CUSTOMER]
    async with storage.begin() as uow:
        assert await uow.customers.made_for(opened.id)
        assert await uow.customers.of_sale(opened.id, at=moment()) == SaleCustomer(number=2)


async def test_a_page_that_was_opened_later_keeps_the_customer(storage: Storage) -> None:
    opened = await made(storage)
    async with storage.begin() as uow:
        await uow.customers.of_sale(opened.id, at=moment() + timedelta(days=1))
    assert await given_up(storage) == []


@pytest.mark.parametrize(
    "what", ["paid", "pending", "names a subscription", "has one", "the customer has one"]
)
async def test_the_customer_of_an_order_that_came_to_something_is_never_given_up(
    storage: Storage, what: str
) -> None:
    opened = await made(storage)
    came: dict[str, Record] = {
        "paid": opened.settled(moment(5)),
        "pending": opened.session_reached(SessionId("cs_1"), SessionProgress.COMPLETED),
        "names a subscription": opened.linked(subscription=SubscriptionId("sub_1")),
        "has one": subscription("sub_1", sale_id=opened.id),
        "the customer has one": subscription("sub_1", customer_id=CUSTOMER),
    }
    await storage.apply([checkout_completed(opened.id)], writing(came[what]))
    assert await given_up(storage) == []
    assert await given_up(storage) == []


async def test_an_order_that_is_paid_after_all_keeps_a_customer_that_was_given_up(storage: Storage) -> None:
    opened = await made(storage)
    assert await given_up(storage) == [CUSTOMER]
    await storage.apply([checkout_completed(opened.id)], writing(opened.settled(moment(5))))
    assert await given_up(storage) == []


async def test_what_the_provider_deleted_is_not_deleted_again(storage: Storage) -> None:
    await made(storage)
    assert await given_up(storage) == [CUSTOMER]
    assert await given_up(storage) == [CUSTOMER]
    async with storage.begin() as uow:
        await uow.customers.deleted(CUSTOMER, at=moment(9))
    assert await given_up(storage) == []


async def test_one_that_is_put_off_waits_behind_the_others(storage: Storage) -> None:
    await made(storage)
    opened = sale(order())
    async with storage.begin() as uow:
        await uow.sales.add(opened, order())
        await uow.customers.store(CustomerId("cus_2"), opened.id, at=moment(1))
    assert await given_up(storage, most=1) == [CUSTOMER]
    async with storage.begin() as uow:
        await uow.customers.put_off(CUSTOMER, at=moment() + 2 * MONTH)
    assert await given_up(storage, most=1) == ["cus_2"]
    assert await given_up(storage) == ["cus_2", CUSTOMER]


async def test_a_given_up_customer_is_remembered_when_the_order_comes_back(storage: Storage) -> None:
    opened = await made(storage)
    await given_up(storage)
    async with storage.begin() as uow:
        await uow.customers.store(CustomerId("cus_2"), opened.id, at=moment())
        assert await uow.customers.of_sale(opened.id, at=moment()) == SaleCustomer(id=CustomerId("cus_2"))
