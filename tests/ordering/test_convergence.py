import pytest
from interleaving import Interleaving, interleavings
from interleaving_counts import InterleavingCounts
from rules_only_worker import RulesOnlyWorker
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


@each_scenario
def test_a_scenario_has_one_end_however_it_is_told(
    build: Build, interleaving_counts: InterleavingCounts, pytestconfig: pytest.Config
) -> None:
    scenario = build("t")
    quick = pytestconfig.getoption("markexpr") == "not integration"
    beginning = RulesOnlyWorker.of(scenario)
    told = interleavings(scenario, QUICK_TRIES) if quick else interleavings(scenario, TRIES, above=SEEDED)
    endings: dict[bytes, Interleaving] = {}
    tried = 0
    for interleaving in told:
        ending = beginning.copy().tell(interleaving)
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
    interleaving_counts.count(scenario.number, tried, set(endings))
    assert len(endings) == 1, "\n".join(
        f"{state.decode()}\n  when told as {in_short(how)}" for state, how in endings.items()
    )
