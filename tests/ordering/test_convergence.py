from collections.abc import Iterator
from math import factorial

import pytest
from final_state import FinalState
from interleaving import Interleaving, disorders, interleavings
from interleaving_counts import InterleavingCounts
from rules_only_worker import RulesOnlyWorker
from scenario import Scenario
from scenario_table import Build, each_scenario

TRIES = 720
"""All orders of six events."""
SEEDED = 1_500
"""Orders tried of a scenario that has more."""
QUICK_TRIES = 20


def in_short(interleaving: Interleaving) -> str:
    """How it was told, for a failure to be repeated by hand."""
    told = " | ".join(", ".join(each.name for each in batch) for batch in interleaving.batches)
    return f"promptness {interleaving.promptness}, seed {interleaving.seed}: {told}"


def tellings(
    scenario: Scenario, beginning: RulesOnlyWorker, count: int, above: int | None = None
) -> Iterator[tuple[Interleaving, FinalState]]:
    """Tells a scenario in every order where there are no more than `count`, else as many as `interleavings` has of it;
    then in disorder."""
    orders = factorial(len(scenario.told))
    if orders <= count:
        yield from beginning.tell_every_order()
        others = disorders(scenario, max(count - orders, count // 2))
    else:
        others = interleavings(scenario, count, above=above)
    for interleaving in others:
        yield interleaving, beginning.copy().tell(interleaving)


@each_scenario
def test_a_scenario_has_one_end_however_it_is_told(
    build: Build, interleaving_counts: InterleavingCounts, pytestconfig: pytest.Config
) -> None:
    scenario = build("t")
    quick = pytestconfig.getoption("markexpr") == "not integration"
    beginning = RulesOnlyWorker.of(scenario)
    told = (
        tellings(scenario, beginning, QUICK_TRIES) if quick else tellings(scenario, beginning, TRIES, SEEDED)
    )
    endings: dict[bytes, Interleaving] = {}
    tried = 0
    for interleaving, ending in told:
        tried += 1
        canonical = ending.canonical()
        if canonical not in endings:
            endings[canonical] = interleaving
            assert ending.in_words("t") == scenario.required, in_short(interleaving)
            if scenario.required.held:
                assert ending.held() == scenario.required.held, in_short(interleaving)
            if scenario.required.named:
                assert ending.named("t") == scenario.required.named, in_short(interleaving)
        assert not ending.dead_letters, in_short(interleaving)
    interleaving_counts.count(f"{scenario.number} {scenario.name}", tried, set(endings))
    assert len(endings) == 1, "\n".join(
        f"{state.decode()}\n  when told as {in_short(how)}" for state, how in endings.items()
    )
