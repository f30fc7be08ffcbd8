"""Credit notes and invoices as paper: what of them is money, and how an invoice ended."""

from datetime import datetime
from enum import StrEnum

import msgspec


class InvoiceStatus(StrEnum):
    """How an invoice stands in the books; of several reports the last of this list holds."""

    UNCOLLECTIBLE = "uncollectible"
    VOIDED = "voided"
    PAID = "paid"
    PAID_OUT_OF_BAND = "paid_out_of_band"


class CreditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Credit note: `given_back` is what it paid out of band or put on the balance; linked refunds count as refunds.

    `owed_less` lowers what an open invoice asks. A voided one counts nothing, and stays voided; `first_at` is the
    earliest report of it.
    """

    given_back: int
    reported_at: datetime
    owed_less: int = 0
    currency: str | None = None
    voided: bool = False
    first_at: datetime | None = None

    @property
    def issued_at(self) -> datetime:
        """Since when it counts."""
        return self.first_at or self.reported_at

    def counted_at(self, at: datetime) -> bool:
        """Whether it had been issued at that time, and was not voided yet."""
        return self.issued_at <= at and (not self.voided or at <= self.reported_at)

    def merged(self, other: "CreditRecord") -> "CreditRecord":
        """Both reports as one, the same whichever came first."""
        newest = max(
            self, other, key=lambda one: (one.voided, one.reported_at, one.given_back, one.owed_less)
        )
        return msgspec.structs.replace(newest, first_at=min(self.issued_at, other.issued_at))


def furthest(known: InvoiceStatus | None, told: InvoiceStatus) -> InvoiceStatus:
    """The status that holds, in whatever order the reports came."""
    order = list(InvoiceStatus)
    return told if known is None else max(known, told, key=order.index)
