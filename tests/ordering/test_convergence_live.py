"""A sample of every scenario through HTTP, PostgreSQL and NATS, all of them told at the same time."""

import secrets
from collections.abc import Iterator

import pytest
from egpay_system import EgpaySystem, running_system
from interleaving import interleavings
from interleaving_counts import InterleavingCounts
from live_system import live_system
from rules_only_worker import RulesOnlyWorker
from scenario_table import SCENARIOS
from stub_server import StubServer, serving

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases

ROUNDS = 2

UNWORKED = """
    SELECT subject, message_id FROM outbox
    WHERE subject NOT LIKE 'billing.public.%'
      AND NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = outbox.message_id)
"""


@pytest.fixture(scope="module")
def stub() -> Iterator[StubServer]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def egpay(
    databases: Databases,
    backing: backings.Backing,
    stub: StubServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[EgpaySystem]:
    """All of egpay, running, with a provider and a warehouse of ours."""
    folder = tmp_path_factory.mktemp("convergence")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(
            database_url,
            nats_url,
            folder,
            STRIPE_API_BASE=stub.url,
            STRIPE_QUESTIONS_PER_SECOND="100",
            WAREHOUSE_URL=f"{stub.url}/warehouse",
        ) as system,
    ):
        yield system


async def test_every_scenario_ends_as_in_memory_when_all_are_told_at_once(
    egpay: EgpaySystem, stub: StubServer, interleaving_counts: InterleavingCounts
) -> None:
    async with live_system(egpay, stub) as live:
        for number in range(ROUNDS):
            every = [build(f"{secrets.token_hex(4)}{number}") for build in SCENARIOS.values()]
            scenarios = [scenario for scenario in every if not scenario.timed]
            endings = await live.tell(scenarios)
            for scenario, ending in zip(scenarios, endings, strict=True):
                assert not ending.dead_letters, scenario.name
                assert ending.in_words(scenario.tag) == scenario.required, scenario.name
                quick = RulesOnlyWorker.of(scenario).tell(next(interleavings(scenario, 2)))
                assert ending.canonical().decode() == quick.canonical().decode(), scenario.name
                interleaving_counts.live += 1
    assert await egpay.ask(UNWORKED) == []
