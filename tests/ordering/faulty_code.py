"""Faulty code: a copy of the worker under another name, with one line of its rules put wrong."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from history_worker import WorkerCode

import billing_worker

PACKAGE = "billing_worker"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault by what it leads to: in `module`, the text `right` becomes `wrong`."""

    name: str
    module: str
    right: str
    wrong: str
    found_as: str


PLANTED_FAULTS = (
    PlantedFault(
        "devices are due before the money",
        "reactions/checkout_completed.py",
        "if event.paid:",
        "if event.amount:",
        "goods are shipped, and their sale is not settled",
    ),
    PlantedFault(
        "an end that is set closes no case",
        "reactions/subscription_changed.py",
        "books = sync_refunded_subscription(books, after.id, event)",
        "books = sync_refunded_subscription(books, None, event)",
        "a case is open whose reason has ended: refunded_but_running",
    ),
    PlantedFault(
        "a review stays open for a person",
        "rules/money_cases.py",
        "yield _review(payment, review), review.is_open",
        "yield _review(payment, review), True",
        "a case is open whose reason has ended: review",
    ),
    PlantedFault(
        "a subscription with an end gets no account",
        "rules/account_provisioning.py",
        "if not subscription.awaits_provisioning:",
        "if not subscription.awaits_provisioning or subscription.cancel_at:",
        "a sale is settled, and there is neither an account nor a case",
    ),
    PlantedFault(
        "a payment that arrived is still said to be pending",
        "letters/orders.py",
        "if sale.status is SaleStatus.AWAITING_PAYMENT else None",
        "if sale.status else None",
        "a letter is false: payment_pending",
    ),
    PlantedFault(
        "a review holds nothing",
        "rules/shipment_doubts.py",
        "(payment.under_review, ",
        "(False, ",
        "goods leave, and their money is gone or in doubt",
    ),
)


@contextmanager
def code_with(fault: PlantedFault, folder: Path) -> Iterator[WorkerCode]:
    """Copies the worker with this fault, and imports the copy beside the real one."""
    name = f"{PACKAGE}_with_a_fault"
    source = Path(billing_worker.__file__).parent
    for path in source.rglob("*.py"):
        text = path.read_text()
        if path == source / fault.module:
            assert text.count(fault.right) == 1, f"{fault.module} has no longer {fault.right!r}"
            text = text.replace(fault.right, fault.wrong)
        copy = folder / name / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text.replace(PACKAGE, name))
    sys.path.insert(0, str(folder))
    try:
        fold = importlib.import_module(f"{name}.inbound.fold_batch").fold
        yield WorkerCode(fold, importlib.import_module(f"{name}.effects").carry_out)
    finally:
        sys.path.remove(str(folder))
        for loaded in [one for one in sys.modules if one.partition(".")[0] == name]:
            del sys.modules[loaded]
