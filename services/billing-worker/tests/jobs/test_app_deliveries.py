"""News for the product's endpoint: how often it is tried, and when again; the rows are PostgreSQL's own tests' matter."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from billing_worker.jobs.app_deliveries import LONGEST, AppDeliveryJob
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.app_deliveries import AppAnswer, AppBacklog, AppMessage

HOUR, DAY = 3_600.0, 86_400.0


def news(name: str = "a", *, waited: float = 0.0, tries: int = 1) -> AppMessage:
    return AppMessage(
        object=f"access:org_{name}",
        id=MessageId(f"public:access:org_{name}:1"),
        payload=b"{}",
        tries=tries,
        waited=waited,
    )


@dataclass(slots=True)
class ListedDeliveries:
    """Rows as a list: what is due, and what was said of it."""

    due: list[AppMessage] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)
    hastened: int = 0
    away: bool = False

    async def claim(self, *, most: int, lease: float) -> Sequence[AppMessage]:
        assert lease > 0
        taken, self.due = self.due[:most], self.due[most:]
        return taken

    async def delivered(self, message: AppMessage, answer: AppAnswer) -> None:
        assert answer.taken
        if self.away:
            raise Outage("the database is away")
        self.done.append(message.object)

    async def postpone(self, message: AppMessage, answer: AppAnswer, *, delay: float) -> None:
        assert not answer.taken
        self.delays[message.object] = delay

    async def hasten(self) -> int:
        self.hastened += 1
        return 0

    async def backlog(self) -> AppBacklog:
        return AppBacklog(waiting=len(self.due))


@dataclass(slots=True)
class AnsweringEndpoint:
    """Answers each object as it is told, else 204."""

    answers: dict[str, AppAnswer] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    async def post(self, message: AppMessage) -> AppAnswer:
        self.heard.append(message.object)
        return self.answers.get(message.object, AppAnswer(status=204))


def job(rows: ListedDeliveries, endpoint: AnsweringEndpoint, outcomes: list[str]) -> AppDeliveryJob:
    return AppDeliveryJob(rows, endpoint, on_outcome=outcomes.append)


async def test_what_is_due_is_posted_and_what_was_taken_is_done() -> None:
    rows, endpoint, outcomes = ListedDeliveries([news("a"), news("b")]), AnsweringEndpoint(), list[str]()
    assert await job(rows, endpoint, outcomes).turn() == 2
    assert (sorted(rows.done), outcomes) == (["access:org_a", "access:org_b"], ["delivered"] * 2)


@pytest.mark.parametrize(
    ("waited", "least", "most"),
    [
        (0.0, 9.0, 11.0),
        (80.0, 9.0, 11.0),
        (HOUR, 400.0, 500.0),
        (DAY, 2.6 * HOUR, 3.4 * HOUR),
        (60 * DAY, DAY, DAY),
    ],
)
async def test_an_outage_is_tried_again_after_an_eighth_of_the_time_it_lasts_and_at_least_once_a_day(
    waited: float, least: float, most: float
) -> None:
    rows = ListedDeliveries([news(waited=waited)])
    endpoint = AnsweringEndpoint({"access:org_a": AppAnswer(reason="out of reach")})
    outcomes: list[str] = []
    await job(rows, endpoint, outcomes).turn()
    assert least <= rows.delays["access:org_a"] <= most
    assert (rows.done, outcomes) == ([], ["postponed"])


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
async def test_a_refusal_is_tried_again_within_hours_and_not_within_one(status: int) -> None:
    rows = ListedDeliveries([news("a"), news("b", waited=60 * DAY)])
    refusal = AppAnswer(status=status, reason=f"answered {status}")
    endpoint = AnsweringEndpoint({"access:org_a": refusal, "access:org_b": refusal})
    outcomes: list[str] = []
    await job(rows, endpoint, outcomes).turn()
    assert 0.9 * HOUR <= rows.delays["access:org_a"] <= 1.1 * HOUR
    assert rows.delays["access:org_b"] == LONGEST
    assert outcomes == ["refused", "refused"]


async def test_what_the_endpoint_asks_for_is_waited_but_no_longer_than_a_day() -> None:
    asked = AppAnswer(status=429, reason="answered 429", retry_after=600.0)
    rows = ListedDeliveries([news("a")])
    await job(rows, AnsweringEndpoint({"access:org_a": asked}), []).turn()
    assert 540.0 <= rows.delays["access:org_a"] <= 660.0


async def test_the_first_success_after_failures_hastens_what_an_outage_held_up_and_the_next_does_not() -> (
    None
):
    rows, endpoint = ListedDeliveries(), AnsweringEndpoint({"access:org_a": AppAnswer(status=503)})
    working = job(rows, endpoint, [])
    for due, hastened in (("b", 1), ("b", 1), ("a", 1), ("b", 2), ("b", 2)):
        rows.due.append(news(due))
        await working.turn()
        assert rows.hastened == hastened


async def test_while_nothing_is_taken_the_job_pauses_longer_and_longer_up_to_a_minute() -> None:
    rows, endpoint = ListedDeliveries(), AnsweringEndpoint({"access:org_a": AppAnswer(status=503)})
    working = job(rows, endpoint, [])
    pauses = []
    for _ in range(9):
        rows.due.append(news("a"))
        await working.turn()
        pauses.append(working.pause)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    rows.due.append(news("b"))
    await working.turn()
    assert working.pause == 0.0


async def test_an_outage_of_the_database_after_a_success_leaves_the_lease_and_the_message_comes_again() -> (
    None
):
    rows = ListedDeliveries([news("a")], away=True)
    with pytest.raises(Outage):
        await job(rows, AnsweringEndpoint(), []).turn()
    assert rows.done == []
