"""Replaced prices: those that the provider may stop to sell, once no page that sells one can be open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

ARCHIVED_AFTER = timedelta(hours=25)
"""A Checkout page closes by itself after 24 hours; an hour more for an order that was under way at the change."""


class ReplacedPrices(Protocol):
    """Replaced prices of this installation's catalogue. Raises Outage when the database does not answer."""

    async def archivable(self, *, at: datetime) -> Sequence[str]:
        """The provider's ids of the replaced prices that no open page sells, the oldest first."""
        ...

    async def archived(self, price: str) -> None:
        """Store that the provider sells it no more, unless it is sold again."""
        ...
