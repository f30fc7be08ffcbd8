"""Rules of the services: loads them by entry point, because the CLI has none of its own."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, TypeAlias

from egpay.domain.errors import Refusal
from egpay.domain.outcome import Fold
from egpay.domain.values import Address

CheckAddress: TypeAlias = Callable[[Mapping[str, str], Sequence[str]], Address]
"""Check an address by the rules of an order, for these countries; raises Refusal with every fault."""


def rules() -> Fold:
    """Load the worker's fold, where both are installed; raises Refusal without it.

    It is the entry point `fold` of the group `egpay.rules`.
    """
    fold: Fold = _load("fold", "an act or a dry run needs the worker's rules: install billing-worker")
    return fold


def address_rules() -> CheckAddress:
    """Load checkout-api's check of an address, the entry point `address`; raises Refusal without it."""
    check: CheckAddress = _load("address", "an address is checked as an order's is: install checkout-api")
    return check


def _load(name: str, without: str) -> Any:
    found = entry_points(group="egpay.rules", name=name)
    if not found:
        raise Refusal(f"{without} beside egpay-cli")
    return next(iter(found)).load()
