"""Calls that can wait are spaced, tried again for a moment, and never hold their caller for hours."""

from dataclasses import dataclass, field

import pytest

from egpay.adapters.stripe.outbound.rate_limited_calls import LONGEST_WAIT, RateLimitedCalls
from egpay.domain.errors import Outage, PausedByProvider, RefusedByProvider
from egpay.provider_calls import ProviderCalls
from egpay.telemetry.metrics import Metrics
from egpay.testing.memory import MemoryProviderStatus


@dataclass
class Stripe:
    """It raises these faults, one for each call, and then answers."""

    faults: list[Exception] = field(default_factory=list)
    asked: int = 0

    async def __call__(self) -> str:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


async def test_a_passing_outage_is_tried_again() -> None:
    stripe = Stripe([Outage("503"), Outage("503", retry_after=0.001)])
    assert await RateLimitedCalls(per_second=1000, first=0.001)(stripe) == "answer"
    assert stripe.asked == 3


@pytest.mark.parametrize(
    "fault",
    [
        Outage("503", retry_after=LONGEST_WAIT + 1),
        PausedByProvider("429", retry_after=86_400),
        RefusedByProvider("401", status=401),
    ],
    ids=repr,
)
async def test_a_long_wait_and_a_refusal_of_us_end_the_turn(fault: Exception) -> None:
    stripe = Stripe([fault])
    with pytest.raises(type(fault)):
        await RateLimitedCalls(per_second=1000)(stripe)
    assert stripe.asked == 1


async def test_a_pause_that_a_worker_was_asked_for_holds_for_reconciliation_too() -> None:
    status, stripe = MemoryProviderStatus("stripe"), Stripe()
    await status.pause(3600, reason="429")
    with pytest.raises(PausedByProvider):
        await RateLimitedCalls(per_second=1000, calls=ProviderCalls(status, Metrics()))(stripe)
    assert stripe.asked == 0
