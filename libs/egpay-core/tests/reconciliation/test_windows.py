"""A list that only begins with the newest is read from its oldest entry on, however long it is."""

from datetime import timedelta

import pytest

from egpay.domain.values import MessageId
from egpay.ports.history import EventPage, ProviderEvent, Window
from egpay.reconciliation.windows import oldest_first
from egpay.testing.builders import moment, receipt, subscription_changed

PAGE = 10


class Remembered:
    """A provider's list, in pages of ten; counts how often it is asked."""

    def __init__(self, *seconds: float) -> None:
        events = [receipt(subscription_changed(at=at)) for at in seconds]
        self.newest_first = sorted(events, key=lambda each: each.occurred_at, reverse=True)
        self.asked = 0

    async def events(self, window: Window, after: str | None) -> EventPage:
        self.asked += 1
        inside = [
            each
            for each in self.newest_first
            if window.since <= each.occurred_at and (window.until is None or each.occurred_at < window.until)
        ]
        start = next((i + 1 for i, each in enumerate(inside) if each.event_id == after), 0)
        page = inside[start : start + PAGE]
        more = len(inside) > start + PAGE
        return EventPage(
            told=[ProviderEvent(receipt=each) for each in page], after=page[-1].event_id if more else None
        )


async def read(remembered: Remembered, *, at_once: int = 3) -> list[MessageId]:
    since = Window(moment(0))
    spans = oldest_first(remembered.events, since, now=moment(3600), at_once=at_once)
    return [told.receipt.event_id async for _, entries in spans for told in entries]


@pytest.mark.parametrize(
    "seconds",
    [
        (),
        (5,),
        tuple(range(25)),
        tuple(range(0, 3600, 4)),
        (*range(200), 3599),
        (7,) * 95,
        (*range(40), 4000, 5000),
    ],
    ids=["none", "one", "a few pages", "many", "crowded at the start", "one second", "ahead of our clock"],
)
async def test_every_entry_is_told_once_and_in_order_of_time(seconds: tuple[float, ...]) -> None:
    remembered = Remembered(*seconds)
    told = await read(remembered)
    times = {each.event_id: each.occurred_at for each in remembered.newest_first}
    assert sorted(told) == sorted(times)
    assert [times[name] for name in told] == sorted(times.values())


async def test_a_short_list_costs_one_question_whatever_the_span() -> None:
    remembered = Remembered(1, 2, 3)
    await read(remembered)
    assert remembered.asked == 1


async def test_a_span_that_was_told_is_behind_all_that_comes_after() -> None:
    remembered = Remembered(*range(0, 3600, 9))
    reached = moment(0)
    async for window, entries in oldest_first(
        remembered.events, Window(moment(0)), now=moment(3600), at_once=3
    ):
        assert all(told.receipt.occurred_at >= reached for told in entries)
        reached = window.until or reached + timedelta(days=1)
