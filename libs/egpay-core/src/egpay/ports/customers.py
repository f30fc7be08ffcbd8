"""Customers at the payment provider: made for an order each, and none stays of an order that was never paid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.values import CustomerId, SaleId


class SaleCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of a sale's next page: `id` is None when it is to be made, as the sale's `number`th.

    A `known` one existed before the sale, whose page changes nothing of it.
    """

    id: CustomerId | None = None
    number: int = 1
    known: bool = False


class Customers(Protocol):
    """Customer repository of those made for an order; one that is known before is not among them."""

    async def of_sale(self, sale_id: SaleId, *, at: datetime) -> SaleCustomer:
        """The customer for another page of a sale, marked as used now, so that no other transaction gives it up."""
        ...

    async def made_for(self, sale_id: SaleId) -> bool:
        """Whether a customer was ever made for a sale."""
        ...

    async def store(self, customer: CustomerId, sale_id: SaleId, *, at: datetime) -> None:
        """Store a customer that was just made for a sale; the same again changes nothing."""
        ...

    async def give_up(self, *, unused_since: datetime, at: datetime, most: int) -> Sequence[CustomerId]:
        """Give up customers that were not used since then; up to `most` to delete at the provider, oldest first.

        None of a sale that was paid, whose payment is pending, or that has a subscription, as of now.
        """
        ...

    async def deleted(self, customer: CustomerId, *, at: datetime) -> None:
        """Store that the provider has deleted it."""
        ...

    async def put_off(self, customer: CustomerId, *, at: datetime) -> None:
        """Let the others be deleted first, because the provider did not delete this one."""
        ...
