"""The process dies at every await there is, one after the other, and what was in its hands comes again."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from crash_injection import Fate
from interleaving import Interleaving, interleavings
from interleaving_counts import Tally
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
async def test_a_death_at_any_await_changes_nothing(build: Build, how: Telling, tally: Tally) -> None:
    scenario = build("t")
    telling = how(scenario)
    alive = MemorySystem(scenario)
    expected = (await alive.tell(telling)).canonical()
    assert {"before broker.publish_many", "after outbox.mark_published"} <= set(alive.fate.steps)
    steps = len(alive.fate.steps)
    for step in range(steps):
        fate = Fate(at=step)
        ending = await MemorySystem(scenario, fate).tell(telling)
        assert fate.died, f"nobody died at step {step} of {steps}"
        assert ending.in_words("t") == scenario.required, fate.died
        assert ending.canonical() == expected, fate.died
        tally.deaths += 1


@each_scenario
async def test_a_death_in_disorder_changes_nothing(build: Build, tally: Tally) -> None:
    scenario = build("t")
    for number, telling in enumerate(interleavings(scenario, 20, seed=2)):
        fate = Fate(at=number * 17)
        ending = await MemorySystem(scenario, fate).tell(telling)
        assert ending.in_words("t") == scenario.required, fate.died
        tally.deaths += bool(fate.died)
