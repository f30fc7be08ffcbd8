"""Rules of the worker: loads them by entry point, because the CLI has none of its own."""

from importlib.metadata import entry_points

from egpay.domain.errors import Refusal
from egpay.domain.outcome import Fold


def rules() -> Fold:
    """Load the worker's fold, where both are installed; raises Refusal without it.

    It is the entry point `fold` of the group `egpay.rules`.
    """
    found = entry_points(group="egpay.rules", name="fold")
    if not found:
        raise Refusal("a dry run needs the worker's rules: install billing-worker beside egpay-cli")
    fold: Fold = next(iter(found)).load()
    return fold
