"""Declarations are kept as they were made, over memory and PostgreSQL alike, and told of in the same commit."""

from collections.abc import Sequence

import pytest

from egpay.adapters.wire import read_event
from egpay.domain.events import Source, WithdrawalDeclared
from egpay.domain.sale import Sale
from egpay.domain.values import MessageId
from egpay.domain.withdrawal import Withdrawal, WithdrawalId, declare
from egpay.ports.outbox import OutboxMessage
from egpay.testing.builders import moment, order, sale
from egpay.testing.storage import Storage


async def kept(storage: Storage) -> Sale:
    placed = order()
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


def declared(sold: Sale, words: str | None = "only the hub", *, at: float = 60) -> Withdrawal:
    return declare(sold.id, name="Ada", email="ada@example.com", statement=words, at=moment(at))


async def test_the_first_time_of_the_same_words_counts(storage: Storage) -> None:
    sold = await kept(storage)
    async with storage.begin() as uow:
        first = await uow.withdrawals.add(declared(sold), most=3)
    async with storage.begin() as uow:
        again = await uow.withdrawals.add(declared(sold, at=999), most=3)
        assert await uow.withdrawals.find(declared(sold).id) == first == again == declared(sold)
        assert await uow.withdrawals.find(WithdrawalId("wdr_unknown")) is None


async def test_a_sale_takes_no_more_than_the_most(storage: Storage) -> None:
    sold = await kept(storage)
    async with storage.begin() as uow:
        for words in ("one", "two", None):
            assert await uow.withdrawals.add(declared(sold, words), most=3)
        assert await uow.withdrawals.add(declared(sold, "four"), most=3) is None
        assert await uow.withdrawals.add(declared(sold, "one"), most=3) is not None


def told(sold: Sale) -> WithdrawalDeclared:
    row = declared(sold)
    return WithdrawalDeclared(
        id=MessageId(f"withdrawal:{row.id}"),
        occurred_at=row.declared_at,
        source=Source.STOREFRONT,
        sale_id=sold.id,
        withdrawal_id=row.id,
    )


async def waiting(storage: Storage) -> list[OutboxMessage]:
    """What is to be published, published."""
    found: list[OutboxMessage] = []

    async def publish(messages: Sequence[OutboxMessage]) -> None:
        found.extend(messages)

    await storage.outbox.drain_once(publish)
    return found


async def test_an_event_of_a_request_is_published_after_its_commit_and_once(storage: Storage) -> None:
    sold = await kept(storage)
    for _ in range(2):
        async with storage.begin() as uow:
            await uow.events.put(told(sold))
    assert [read_event(one.payload) for one in await waiting(storage)] == [told(sold)]


async def test_a_request_that_fails_tells_nothing(storage: Storage) -> None:
    sold = await kept(storage)

    async def fail() -> None:
        async with storage.begin() as uow:
            await uow.withdrawals.add(declared(sold), most=3)
            await uow.events.put(told(sold))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with storage.begin() as uow:
        assert await uow.withdrawals.find(declared(sold).id) is None
    assert await waiting(storage) == []
