"""A provider that asks for a pause is left alone, and one that refuses us raises one alarm, until it accepts us."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider
from egpay.provider_calls import LONGEST_PAUSE, ProviderCalls
from egpay.telemetry.metrics import Metrics
from egpay.testing.builders import moment
from egpay.testing.memory import MemoryProviderStatus


@dataclass
class Desk:
    """Calls of two processes to one provider."""

    now: datetime = field(default_factory=moment)
    metrics: Metrics = field(default_factory=Metrics)
    made: int = 0

    def __post_init__(self) -> None:
        self.status = MemoryProviderStatus(clock=lambda: self.now)
        self.one, self.two = (ProviderCalls(self.status, self.metrics) for _ in range(2))

    def answering(self, fault: Exception | None = None) -> Callable[[], Awaitable[str]]:
        async def call() -> str:
            self.made += 1
            if fault:
                raise fault
            return "done"

        return call

    def refusals(self, status: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "egpay_provider_refusals_total", {"provider": "warehouse", "status": status}
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


async def test_a_pause_of_one_process_is_a_pause_of_all_and_ends(desk: Desk) -> None:
    with pytest.raises(PausedByProvider):
        await desk.one(desk.answering(PausedByProvider("429", retry_after=60)))
    desk.now += timedelta(seconds=20)
    with pytest.raises(PausedByProvider) as paused:
        await desk.two(desk.answering())
    assert (paused.value.retry_after, paused.value.undone, desk.made) == (40, True, 1)
    desk.now += timedelta(seconds=41)
    assert await desk.two(desk.answering()) == "done"


async def test_what_a_buyer_waits_for_is_called_during_a_pause(desk: Desk) -> None:
    await desk.status.pause(60, reason="429")
    assert await ProviderCalls(desk.status, desk.metrics, waits=False)(desk.answering()) == "done"


async def test_no_pause_is_longer_than_a_day(desk: Desk) -> None:
    with pytest.raises(PausedByProvider):
        await desk.one(desk.answering(PausedByProvider("429", retry_after=31_536_000)))
    assert (await desk.status.state()).paused_for == LONGEST_PAUSE == 86_400


async def test_a_retry_after_about_one_request_pauses_no_other(desk: Desk) -> None:
    with pytest.raises(Outage):
        await desk.one(desk.answering(Outage("409", retry_after=60)))
    assert await desk.two(desk.answering()) == "done"


async def test_a_refusal_of_us_raises_one_alarm_and_counts_each(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    for calls in (desk.one, desk.two, desk.one):
        with pytest.raises(RefusedByProvider):
            await calls(desk.answering(RefusedByProvider("the warehouse answered 401", status=401)))
    assert alarms(caplog) == ["provider refuses us"]
    assert desk.refusals("401") == 3
    assert (await desk.status.state()).refused_since == moment()


@pytest.mark.parametrize("fault", [None, Defect("422: what we sent is wrong, and we are not")], ids=repr)
async def test_the_alarm_ends_when_the_provider_deals_with_us_again(
    desk: Desk, fault: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = RefusedByProvider("401", status=401)
    with pytest.raises(RefusedByProvider):
        await desk.one(desk.answering(refusal))
    with pytest.raises(Outage):
        await desk.two(desk.answering(Outage("503")))
    assert (await desk.status.state()).refused_since
    if fault:
        with pytest.raises(Defect):
            await desk.two(desk.answering(fault))
    else:
        await desk.two(desk.answering())
    assert (await desk.status.state()).refused_since is None
    with pytest.raises(RefusedByProvider):
        await desk.one(desk.answering(refusal))
    assert alarms(caplog) == ["provider refuses us"] * 2


async def test_what_cannot_be_stored_hides_no_answer(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    class Forgetful(MemoryProviderStatus):
        async def refused(self, reason: str) -> bool:  # noqa: ARG002
            raise Outage("the database is away")

        async def accepted(self) -> None:
            raise Outage("the database is away")

    status = Forgetful()
    calls = ProviderCalls(status, desk.metrics)
    with pytest.raises(RefusedByProvider):
        await calls(desk.answering(RefusedByProvider("401", status=401)))
    assert alarms(caplog) == ["provider refuses us"]
    await MemoryProviderStatus.refused(status, "401")
    assert await calls(desk.answering()) == "done"
