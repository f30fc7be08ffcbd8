"""Hundreds of thousands of hostile requests: no answer 500, no row, no secret and no name in any log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from egpay_system import EgpaySystem, running_system
from hostile_requests import signed, unsigned
from hostile_run import Tally, fire
from hostile_signatures import SigningKeys
from hostile_values import PLANTED
from process_size import growth

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases

SIGNED_SHARE = 10
"""One request in so many bears a true signature."""
SLOWEST = 100
"""Requests a second below which the run is given up."""
MEGABYTES = 100
UNDERSTOOD_ONLY_BY_PEOPLE = {"webhook_events", "dead_letters"}
"""Tables that a true signature may write: the webhook as it came, and why it was not understood."""


@dataclass
class AttackedSystem:
    """A system of its own, for nothing else may write while its rows are counted."""

    egpay: EgpaySystem
    folder: Path
    count: int
    seed: int

    @property
    def keys(self) -> SigningKeys:
        return SigningKeys(self.egpay.env["STRIPE_WEBHOOK_SECRETS"], self.egpay.env["WAREHOUSE_SECRET"])

    @property
    def port(self) -> int:
        place = urlsplit(self.egpay.api)
        assert place.hostname == "127.0.0.1"
        return place.port or 0

    async def rows(self) -> dict[str, int]:
        """Count the rows of every table."""
        named = await self.egpay.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        counts = {row[0]: await self.egpay.ask(f'SELECT count(*) FROM "{row[0]}"') for row in named}  # noqa: S608
        return {name: int(found[0][0]) for name, found in counts.items()}


@pytest.fixture(scope="module")
def attacked(
    databases: Databases,
    backing: backings.Backing,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[AttackedSystem]:
    folder = tmp_path_factory.mktemp("attacked")
    count, seed = pytestconfig.getoption("fuzz_requests"), pytestconfig.getoption("fuzz_seed")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder, RECONCILE_SECONDS="0") as egpay,
    ):
        yield AttackedSystem(egpay, folder, count, seed)


async def test_what_proves_nothing_is_refused_and_leaves_no_row(
    attacked: AttackedSystem, report: list[str]
) -> None:
    before, count = await attacked.rows(), attacked.count - attacked.count // SIGNED_SHARE
    with growth(attacked.egpay, at_most=MEGABYTES * 1_000_000):
        tally = fire(
            attacked.port,
            unsigned,
            attacked.keys,
            count=count,
            seed=attacked.seed,
            patience=60 + count / SLOWEST,
        )
    report.append(f"hostile, unsigned: {tally} (seed {attacked.seed})")
    _assert_answers(tally)
    assert await attacked.rows() == before


async def test_what_is_signed_and_hostile_is_kept_as_it_came_and_nothing_follows(
    attacked: AttackedSystem, report: list[str]
) -> None:
    before, count = await attacked.rows(), attacked.count // SIGNED_SHARE
    with growth(attacked.egpay, at_most=MEGABYTES * 1_000_000):
        tally = fire(
            attacked.port,
            signed,
            attacked.keys,
            count=count,
            seed=attacked.seed,
            patience=60 + count / SLOWEST,
        )
    report.append(f"hostile, signed: {tally} (seed {attacked.seed})")
    _assert_answers(tally)
    after = await attacked.rows()
    written = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert written.keys() <= UNDERSTOOD_ONLY_BY_PEOPLE, written
    assert 0 < written["webhook_events"] <= tally.sent["signed"]
    assert written["dead_letters"] <= written["webhook_events"]


async def test_the_service_works_on_and_no_log_holds_a_secret_or_what_a_sender_planted(
    attacked: AttackedSystem,
) -> None:
    assert attacked.egpay.browser.get(f"{attacked.egpay.api}/readyz").status_code == 200
    assert attacked.egpay.order()["sale_id"]
    secrets = {*_secrets(attacked.egpay), *PLANTED}
    logs = [*attacked.folder.rglob("*.log"), *await _log_of_postgres(attacked.egpay)]
    assert {"checkout-api.log", "billing-worker.log"} <= {log.name for log in logs}
    for log in logs:
        text = log.read_text(errors="replace")
        assert [secret for secret in secrets if secret in text] == [], log.name
        assert not re.search(r'Traceback|"level": ?"(ERROR|CRITICAL)"', text), log.name


def _secrets(egpay: EgpaySystem) -> set[str]:
    """Every signing secret, API key and password that a program of the system was started with."""
    started = [egpay.env, *(service.env for service, _ in egpay.supervisor.services)]
    pairs = [pair for env in started for pair in env.items() if pair[1]]
    named = {value for name, value in pairs if re.search("SECRET|PASSWORD|_KEY$", name)}
    return named | {
        password for _, value in pairs if "://" in value and (password := urlsplit(value).password)
    }


async def _log_of_postgres(egpay: EgpaySystem) -> list[Path]:
    """Its log is beside its data; a server in a container keeps both to itself."""
    [row] = await egpay.ask("SHOW data_directory")
    log = Path(row[0]).with_name("postgres.log")
    return [log] if log.exists() else []


def _assert_answers(tally: Tally) -> None:
    assert tally.faults == {}, "\n".join([f"{tally.faults}", *tally.examples])
    assert tally.statuses["503"] <= tally.sent.total() / 1_000, f"{tally}"
