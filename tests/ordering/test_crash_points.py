"""The process dies at every await there is, one after the other, and what was in its hands comes again."""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
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


class EndKnownError(Exception):
    """The system is in a situation whose end is known."""


@dataclass(slots=True)
class KnownSituations:
    """Situations that led to the end that is wanted; what is in one of them need not be told to its end again."""

    by_key: defaultdict[Hashable, list[object]] = field(default_factory=lambda: defaultdict(list))
    passed: list[MemorySystem] = field(default_factory=list)
    _new: list[tuple[Hashable, object]] = field(default_factory=list)

    def record(self, now: MemorySystem) -> None:
        """Notes a situation of a telling without a death, to begin others there."""
        self.passed.append(now.copy(now.crash_point.copy()))
        self._new.append(now.situation())

    def ends(self, now: MemorySystem) -> None:
        """Ends a telling once the death has left no trace that decides anything. Raises EndKnownError."""
        if now.crash_point.died:
            key, rest = now.situation()
            if rest in self.by_key[key]:
                raise EndKnownError
            self._new.append((key, rest))

    def confirm(self) -> None:
        """Adds the situations of a telling that came to the end that is wanted."""
        for key, rest in self._new:
            self.by_key[key].append(rest)
        self._new.clear()


@pytest.mark.parametrize("how", [in_order, at_once], ids=["one by one", "in one batch"])
@each_scenario
async def test_a_death_at_any_await_changes_nothing(
    build: Build, how: Telling, interleaving_counts: InterleavingCounts
) -> None:
    scenario = build("t")
    telling = how(scenario)
    alive = MemorySystem(scenario)
    known = KnownSituations()
    expected = await alive.tell(telling, at_each=known.record)
    assert expected.in_words("t") == scenario.required
    if alive.store.tables.outbox:  # what the door ignores is published to nobody
        assert {"before broker.publish_many", "after outbox.mark_published"} <= set(alive.crash_point.steps)
    known.confirm()
    for step, where in enumerate(alive.crash_point.steps):
        last = [each for each in known.passed if len(each.crash_point.steps) <= step][-1]
        crash_point = last.crash_point.copy(at=step)
        with contextlib.suppress(EndKnownError):
            ending = await last.copy(crash_point).tell(telling, at_each=known.ends)
            assert ending.in_words("t") == scenario.required, where
            assert ending.canonical() == expected.canonical(), where
        known.confirm()
        assert crash_point.died == where, f"another death at step {step}"
        interleaving_counts.deaths += 1


@each_scenario
async def test_a_death_in_disorder_changes_nothing(
    build: Build, interleaving_counts: InterleavingCounts
) -> None:
    scenario = build("t")
    for number, telling in enumerate(interleavings(scenario, 8, seed=2)):
        crash_point = CrashPoint(at=number * 17)
        ending = await MemorySystem(scenario, crash_point).tell(telling)
        assert ending.in_words("t") == scenario.required, crash_point.died
        interleaving_counts.deaths += bool(crash_point.died)
