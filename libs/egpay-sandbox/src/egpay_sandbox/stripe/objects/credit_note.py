"""Credit note object. Amounts are minor units."""

from typing import Literal

import msgspec


class CreditNote(msgspec.Struct, frozen=True, kw_only=True, tag="credit_note", tag_field="object"):
    """Credit note: lowers what an open invoice asks for, or credits a paid one out of band."""

    id: str
    created: int
    amount: int
    currency: str
    customer: str
    invoice: str
    number: str
    prepaid: bool
    status: Literal["issued", "void"] = "issued"
    voided_at: int | None = None
