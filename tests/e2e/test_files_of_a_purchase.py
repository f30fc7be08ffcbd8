"""How many files one opens to follow a purchase: those that are entered between the order and the introduction."""

import os
import secrets
import signal
from pathlib import Path

from egpay_system import running_system, until
from test_purchase import press

TRACER = Path(__file__).parent / "entered_files"
ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("checkout-api", "billing-worker")
MOST = 166
"""Python files of services/ and libs/ (decision 21 says why it is no fewer); the sandbox plays the world outside."""


def test_a_purchase_enters_few_enough_files_to_be_followed(
    database_url: str, nats_url: str, tmp_path: Path
) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    traced = {"PYTHONPATH": str(TRACER), "ENTERED_FILES": str(tmp_path / "entered")}
    with running_system(database_url, nats_url, tmp_path, **traced) as egpay:
        pids = [egpay.process(name).pid for name in SERVICES]
        for pid in pids:
            os.kill(pid, signal.SIGUSR1)
        ordered = egpay.order(email=email)
        press(egpay, ordered["checkout_url"], "pay", email=email)
        until(lambda: egpay.letters(email), what="no introduction")
        for pid in pids:
            os.kill(pid, signal.SIGUSR2)
        lists = [tmp_path / f"entered.{pid}" for pid in pids]
        until(lambda: all(path.exists() for path in lists), what="no list of files")
    entered = {Path(name) for path in lists for name in path.read_text().split("\n")}
    ours = sorted(
        str(path.relative_to(ROOT))
        for path in entered
        if path.suffix == ".py" and path.is_relative_to(ROOT) and ".venv" not in path.parts
    )
    assert any("reactions" in name for name in ours)
    assert len(ours) <= MOST, "\n".join(ours)
