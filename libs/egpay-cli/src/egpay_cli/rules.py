"""What follows from an event is the worker's to say; the operator's command asks its rules where both are installed."""

from importlib.metadata import entry_points

from egpay.domain.books import Fold
from egpay.domain.errors import Refusal


def rules() -> Fold:
    """The fold that the worker offers (entry point `fold` of the group `egpay.rules`); raises Refusal without it."""
    found = entry_points(group="egpay.rules", name="fold")
    if not found:
        raise Refusal("a dry run needs the worker's rules: install billing-worker beside egpay-cli")
    fold: Fold = next(iter(found)).load()
    return fold
