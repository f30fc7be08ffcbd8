"""A time limit for each of many things: what ends in time is left alone, what does not is given up, with one timer."""

import asyncio

from checkout_api.http.request_limits import Deadlines


async def until(true: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await true.wait()


async def test_what_ends_in_time_is_never_given_up() -> None:
    given_up: list[str] = []
    last = asyncio.Event()
    patience = Deadlines(0.02)
    for name in ("a", "b"):
        patience.begin(lambda name=name: given_up.append(name)).end()  # type: ignore[misc]
    turn = patience.begin(last.set)
    await until(last)
    assert given_up == []
    assert turn.given_up


async def test_each_has_its_own_time() -> None:
    loop, over, waited = asyncio.get_running_loop(), asyncio.Event(), list[float]()
    patience = Deadlines(0.2)
    for begun in (loop.time(), loop.time() + 0.1):
        await asyncio.sleep(begun - loop.time())
        patience.begin(lambda begun=begun: waited.append(loop.time() - begun))  # type: ignore[misc]
    patience.begin(over.set)
    await until(over)
    assert len(waited) == 2
    assert min(waited) >= 0.19


async def test_it_goes_on_after_a_time_without_anything() -> None:
    patience = Deadlines(0.01)
    for _ in range(2):
        over = asyncio.Event()
        patience.begin(over.set)
        await until(over)


async def test_what_has_ended_is_not_kept_in_memory() -> None:
    patience = Deadlines(60)
    for _ in range(10_000):
        patience.begin(lambda: None).end()
    assert len(patience._turns) <= 1
