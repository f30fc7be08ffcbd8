"""Idempotency keys and claims of e-mails, over memory and PostgreSQL alike: exactly one of many wins."""

import asyncio
from collections import Counter

import pytest

from egpay.domain.errors import Outage
from egpay.ports.storage import KeyClaim, KeyState
from egpay.testing.builders import moment, order, sale
from egpay.testing.storage import Storage

BODY, OTHER_BODY = b"one body", b"another body"


async def claim(storage: Storage, *, body: bytes = BODY, at: float = 0) -> KeyClaim:
    async with storage.begin() as uow:
        return await uow.idempotency_keys.claim("key", body, at=moment(at), until=moment(at + 30))


async def sell(storage: Storage, key: str = "key") -> KeyClaim:
    placed = order()
    sold = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(sold, placed)
        await uow.idempotency_keys.bind(key, sold.id)
    return KeyClaim(replay=KeyState.UNFINISHED, sale_id=sold.id)


async def release(storage: Storage, *, done: bool) -> None:
    async with storage.begin() as uow:
        await uow.idempotency_keys.release("key", done=done)


async def test_of_many_requests_with_one_key_one_is_new(storage: Storage) -> None:
    attempts = await asyncio.gather(*(claim(storage) for _ in range(4)))
    assert Counter(attempt.replay for attempt in attempts) == {KeyState.NEW: 1, KeyState.IN_PROGRESS: 3}


async def test_another_body_under_the_same_key_is_a_mismatch_at_any_time(storage: Storage) -> None:
    await claim(storage)
    assert (await claim(storage, body=OTHER_BODY)).replay is KeyState.MISMATCH
    await sell(storage)
    await release(storage, done=True)
    assert (await claim(storage, body=OTHER_BODY)).replay is KeyState.MISMATCH


async def test_a_request_that_died_before_it_sold_can_be_made_again_when_its_time_is_over(
    storage: Storage,
) -> None:
    await claim(storage)
    assert (await claim(storage, at=29)).replay is KeyState.IN_PROGRESS
    assert (await claim(storage, at=31)).replay is KeyState.NEW
    assert (await claim(storage, at=32)).replay is KeyState.IN_PROGRESS


async def test_a_request_that_sold_and_did_not_answer_is_continued(storage: Storage) -> None:
    await claim(storage)
    unfinished = await sell(storage)
    assert (await claim(storage, at=1)).replay is KeyState.IN_PROGRESS
    await release(storage, done=False)
    assert await claim(storage, at=2) == unfinished
    assert (await claim(storage, at=3)).replay is KeyState.IN_PROGRESS


async def test_an_answered_request_is_done_for_good(storage: Storage) -> None:
    await claim(storage)
    sold = await sell(storage)
    await release(storage, done=True)
    assert await claim(storage, at=9999) == KeyClaim(replay=KeyState.DONE, sale_id=sold.sale_id)


async def test_a_key_that_was_given_back_unused_is_free_for_any_body(storage: Storage) -> None:
    await claim(storage)
    await release(storage, done=False)
    assert (await claim(storage, body=OTHER_BODY)).replay is KeyState.NEW


async def test_a_claim_that_is_rolled_back_was_never_made(storage: Storage) -> None:
    async def claim_and_change_my_mind() -> None:
        async with storage.begin() as uow:
            await uow.idempotency_keys.claim("key", BODY, at=moment(), until=moment(30))
            raise KeyError

    with pytest.raises(KeyError):
        await claim_and_change_my_mind()
    assert (await claim(storage, body=OTHER_BODY)).replay is KeyState.NEW


async def claim_email(storage: Storage, *, at: float = 0) -> bool:
    async with storage.begin() as uow:
        return await uow.emails.claim(
            "introduction:org_1",
            kind="introduction",
            to="ada@example.com",
            subject="Welcome",
            sale_id=None,
            at=moment(at),
            until=moment(at + 60),
        )


async def test_of_many_who_want_to_send_an_email_one_may(storage: Storage) -> None:
    answers = await asyncio.gather(*(claim_email(storage) for _ in range(4)), return_exceptions=True)
    assert answers.count(True) == 1
    assert sum(isinstance(answer, Outage) for answer in answers) == 3


async def test_who_comes_while_an_email_is_being_sent_hears_when_to_come_back(storage: Storage) -> None:
    assert await claim_email(storage)
    with pytest.raises(Outage) as caught:
        await claim_email(storage, at=20)
    assert caught.value.retry_after == 40


async def test_an_email_that_was_sent_is_not_sent_again(storage: Storage) -> None:
    assert await claim_email(storage)
    async with storage.begin() as uow:
        await uow.emails.sent(
            "introduction:org_1", to="ada@example.com", message_id="1@eg.test", at=moment(1)
        )
    assert not await claim_email(storage, at=9999)


async def test_an_email_whose_sender_died_may_be_sent_by_the_next(storage: Storage) -> None:
    assert await claim_email(storage)
    assert await claim_email(storage, at=61)


async def give_email_back(storage: Storage, *, until: float) -> None:
    async with storage.begin() as uow:
        await uow.emails.release("introduction:org_1", until=moment(until), at=moment(1))


async def test_an_email_that_was_certainly_not_sent_may_be_claimed_at_once(storage: Storage) -> None:
    assert await claim_email(storage)
    await give_email_back(storage, until=60)
    assert await claim_email(storage, at=1)


async def test_a_sender_who_was_overtaken_gives_no_claim_of_another_back(storage: Storage) -> None:
    assert await claim_email(storage)
    assert await claim_email(storage, at=61)
    await give_email_back(storage, until=60)
    with pytest.raises(Outage):
        await claim_email(storage, at=62)


async def test_an_email_that_was_sent_stays_sent_whoever_gives_it_back(storage: Storage) -> None:
    assert await claim_email(storage)
    async with storage.begin() as uow:
        await uow.emails.sent(
            "introduction:org_1", to="ada@example.com", message_id="1@eg.test", at=moment(1)
        )
    await give_email_back(storage, until=60)
    assert not await claim_email(storage, at=2)
