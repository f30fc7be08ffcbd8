"""Misfit: why the money of an order is not what was ordered, so that a person compares both before anything leaves."""

from enum import StrEnum

import msgspec


class MisfitKind(StrEnum):
    """What does not fit."""

    AMOUNT = "amount"
    """Another sum was asked for the lines."""
    CREDIT = "credit"
    """A credit note settled it, at least in part, and not money."""
    CURRENCY = "currency"
    """It was asked for in another currency, and nothing says how that was converted."""


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """Misfit: what was asked for the lines, before discount, tax and shipping, in minor units of its currency.

    `accepted`: a person compared both and lets the devices leave; the same report again changes nothing of it.
    """

    kind: MisfitKind
    subtotal: int
    currency: str
    credited: int = 0
    accepted: bool = False

    def reported(self, other: "Misfit") -> "Misfit":
        """The graver of two reports; what a person accepted stays accepted for the same or less."""
        graver = max(self, other, key=lambda one: (one.kind, one.subtotal, one.currency, one.credited))
        return self if msgspec.structs.replace(graver, accepted=self.accepted) == self else graver
