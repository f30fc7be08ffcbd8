"""Sale versions: counters by which a reader sees that a sale has changed, without loading it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from egpay.domain.values import SaleId


class SaleVersions(Protocol):
    """Sale versions: one number for each sale, raised in the commit of every change of what its buyer is shown.

    The sale, its shipment and its subscription are counted whenever they are written, and its e-mails when they are
    sent. A number that is another one than before says that there may be news; one that is the same that there is none.
    """

    async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
        """Those of the sales that exist, in one query; raises Outage when the database is away."""
        ...
