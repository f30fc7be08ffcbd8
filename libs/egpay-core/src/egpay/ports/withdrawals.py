"""Withdrawals: the declarations of consumers, as they were made."""

from typing import Protocol

from egpay.domain.withdrawal import Withdrawal, WithdrawalId


class Withdrawals(Protocol):
    """Withdrawal repository; a declaration never changes."""

    async def add(self, withdrawal: Withdrawal, *, most: int) -> Withdrawal | None:
        """Store a declaration, unless its sale has `most` of them: then None; return the first of the same words."""
        ...

    async def find(self, withdrawal: WithdrawalId) -> Withdrawal | None:
        """Load a declaration."""
        ...
