"""That the quick world of the convergence table is no other than egpay: the same endings through the real ways."""

from interleaving import interleavings
from memory_system import MemorySystem
from rules_only_worker import RulesOnlyWorker
from scenario_table import Build, each_scenario

TRIES = 16


@each_scenario
async def test_the_real_worker_comes_to_the_same_end(build: Build) -> None:
    scenario = build("t")
    quick = RulesOnlyWorker.of(scenario)
    for interleaving in interleavings(scenario, TRIES, seed=1):
        whole = await MemorySystem(scenario).tell(interleaving)
        assert whole.in_words("t") == scenario.required
        assert whole.canonical() == quick.copy().tell(interleaving).canonical()
