"""A lone message waits for nobody; in a storm a batch waits a moment, and never longer than was said."""

import time

from egpay.adaptive_batching import AdaptiveLinger


async def took(company: AdaptiveLinger, messages: int) -> float:
    began = time.perf_counter()
    await company.wait(messages)
    return time.perf_counter() - began


async def test_few_messages_never_wait() -> None:
    company = AdaptiveLinger(longest=5.0)
    for _ in range(100):
        assert await took(company, 2) < 1.0


async def test_a_quiet_stream_never_waits_however_large_a_batch_was_before() -> None:
    assert await took(AdaptiveLinger(longest=5.0), 64) < 1.0


async def test_a_storm_waits_in_proportion_to_what_came() -> None:
    company = AdaptiveLinger(longest=0.1, clock=lambda: 0.0)
    assert await took(company, 500) >= 0.09
    assert await took(company, 4) >= 0.019
