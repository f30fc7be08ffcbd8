"""A question to the provider is asked once for all who wonder, over memory and PostgreSQL alike."""

import asyncio
from datetime import datetime

import pytest

from egpay.domain.errors import Outage
from egpay.testing.builders import moment
from egpay.testing.storage import Storage


async def claim(storage: Storage, *, since: float, at: float, about: str = "sub_1") -> bool:
    until: datetime = moment(at + 60)
    return await storage.single_flight.claim(about, since=moment(since), at=moment(at), until=until)


async def test_the_first_asks_and_the_others_wait_for_the_answer(storage: Storage) -> None:
    assert await claim(storage, since=0, at=5)
    with pytest.raises(Outage, match="same answer"):
        await claim(storage, since=0, at=6)
    assert await claim(storage, since=0, at=6, about="sub_2")


async def test_an_answer_serves_all_who_wondered_before_it_was_asked_for(storage: Storage) -> None:
    assert await claim(storage, since=0, at=5)
    await storage.single_flight.answered("sub_1")
    assert not await claim(storage, since=0, at=6)
    assert not await claim(storage, since=4, at=6)
    assert await claim(storage, since=5, at=6)


async def test_a_question_without_an_answer_may_be_asked_by_the_next(storage: Storage) -> None:
    await storage.single_flight.release("sub_1")
    assert await claim(storage, since=0, at=5)
    await storage.single_flight.release("sub_1")
    assert await claim(storage, since=0, at=6)


async def test_who_died_with_a_question_keeps_nobody_for_long(storage: Storage) -> None:
    assert await claim(storage, since=0, at=5)
    with pytest.raises(Outage):
        await claim(storage, since=0, at=64)
    assert await claim(storage, since=0, at=65)


async def test_of_many_at_once_one_asks(storage: Storage) -> None:
    answers = await asyncio.gather(*(claim(storage, since=0, at=5) for _ in range(8)), return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, Outage)] == [True]
