"""The process dies at every await there is, one after the other, and what was in its hands comes again."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from crash_injection import CrashPoint
from interleaving import Interleaving, interleavings
from interleaving_counts import InterleavingCounts
from memory_system import MemorySystem
from scenario import Scenario
from scenario_table import Build, each_scenario

Telling: TypeAlias = Callable[[Scenario], Interleaving]


def in_order(scenario: Scenario) -> Interleaving:
    """As it happened, each event by itself, each command at once."""
    return Interleaving(tuple((told,) for told in scenario.told), promptness=1.0, seed=0)


def at_once(scenario: Scenario) -> Interleaving:
    """All events in one batch, the commands behind it."""
    return Interleaving((scenario.told,), promptness=0.0, seed=0)


@pytest.mark.parametrize("how", [in_order, at_once], ids=["one by one", "in one batch"])
@each_scenario
async def test_a_death_at_any_await_changes_nothing(
    build: Build, how: Telling, interleaving_counts: InterleavingCounts
) -> None:
    scenario = build("t")
    telling = how(scenario)
    alive = MemorySystem(scenario)
    passed: list[MemorySystem] = []
    expected = (
        await alive.tell(telling, at_each=lambda now: passed.append(now.copy(now.crash_point.copy())))
    ).canonical()
    if alive.store.tables.outbox:  # what the door ignores is published to nobody
        assert {"before broker.publish_many", "after outbox.mark_published"} <= set(alive.crash_point.steps)
    steps = len(alive.crash_point.steps)
    for step in range(steps):
        last = [each for each in passed if len(each.crash_point.steps) <= step][-1]
        crash_point = last.crash_point.copy(at=step)
        ending = await last.copy(crash_point).tell(telling)
        assert crash_point.died == alive.crash_point.steps[step], f"another death at step {step} of {steps}"
        assert ending.in_words("t") == scenario.required, crash_point.died
        assert ending.canonical() == expected, crash_point.died
        interleaving_counts.deaths += 1


@each_scenario
async def test_a_death_in_disorder_changes_nothing(
    build: Build, interleaving_counts: InterleavingCounts
) -> None:
    scenario = build("t")
    for number, telling in enumerate(interleavings(scenario, 20, seed=2)):
        crash_point = CrashPoint(at=number * 17)
        ending = await MemorySystem(scenario, crash_point).tell(telling)
        assert ending.in_words("t") == scenario.required, crash_point.died
        interleaving_counts.deaths += bool(crash_point.died)
