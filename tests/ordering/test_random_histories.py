from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from faulty_code import PLANTED_FAULTS, PlantedFault, code_with
from history_acts import Deed, HistoryAct, ParcelFate, Paying, RandomHistory, random_histories, simpler
from history_audit import audit
from history_deeds import play
from history_worker import HistoryWorker, WorkerCode

from billing_worker.effects import carry_out
from billing_worker.inbound.fold_batch import fold

CODE = WorkerCode(fold, carry_out)
SEED = 20261130
HISTORIES = 800
QUICK_HISTORIES = 60
SEARCHED = 400
"""Histories within which a planted fault must be found."""


def findings(history: RandomHistory, code: WorkerCode = CODE) -> list[str]:
    """Plays a history, tells it in disorder, and audits the books."""
    worker = HistoryWorker(play(history), code)
    worker.run()
    return audit(worker)


def smallest(history: RandomHistory, finding: str) -> RandomHistory:
    """Drops acts for as long as the same is found, so that a failure reads as short as it can."""
    shorter = next((one for one in simpler(history) if finding in findings(one)), None)
    return smallest(shorter, finding) if shorter else history


def test_whatever_happens_goods_letters_cases_and_books_are_true(pytestconfig: pytest.Config) -> None:
    quick = pytestconfig.getoption("markexpr") == "not integration"
    for history in islice(random_histories(SEED), QUICK_HISTORIES if quick else HISTORIES):
        found = findings(history)
        assert not found, f"{found[0]}\n  at the smallest in {smallest(history, found[0])}"


@pytest.mark.parametrize(
    ("makes", "undoes"),
    [(Deed.REFUND, Deed.REFUND_COMES_BACK), (Deed.CREDIT_NOTE, Deed.NOTE_IS_VOIDED)],
    ids=["refund", "credit_note"],
)
def test_a_half_made_again_leaves_the_goods_or_a_case_however_late_its_failure_is_told(
    makes: Deed, undoes: Deed
) -> None:
    half = HistoryAct(makes, share=1)
    acts = (half, HistoryAct(undoes), half)
    card = RandomHistory(Paying.CARD, devices=True, plan=False, fate=ParcelFate.DELIVERED, acts=acts, seed=0)
    for seed in range(60):
        assert findings(replace(card, seed=seed)) == [], seed


@pytest.mark.parametrize("fault", PLANTED_FAULTS, ids=lambda fault: fault.name.replace(" ", "_"))
def test_a_fault_in_the_rules_is_found(fault: PlantedFault, tmp_path: Path) -> None:
    with code_with(fault, tmp_path) as code:
        tried = islice(random_histories(SEED), SEARCHED)
        assert any(fault.found_as in findings(history, code) for history in tried)
