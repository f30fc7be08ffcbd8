"""Event: the base of all, with where it came from and the version of its shape."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import msgspec

from egpay.domain.values import MessageId, SaleId


class Source(StrEnum):
    """Source of an event or a command: who reported it, a provider, our reconciliation, a storefront, an operator."""

    STRIPE = "stripe"
    XERO = "xero"
    WAREHOUSE = "warehouse"
    RECONCILE = "reconcile"
    STOREFRONT = "storefront"
    OPERATOR = "operator"


class EventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events: `id` is the provider's own event id.

    `occurred_at` is UTC, in the provider's resolution (Stripe: whole seconds). `installation` is the one whose mark
    the provider's object bears. `v` is the version of the message's shape, `VERSION` the highest that this release
    reads and the one it writes. A new optional field whose default is what older code did keeps it; every other
    change raises `VERSION`.
    """

    VERSION: ClassVar[int] = 1

    id: MessageId
    occurred_at: datetime
    source: Source
    sale_id: SaleId | None = None
    installation: str | None = None
    v: int = 1

    @property
    def is_newer(self) -> bool:
        """Whether a later release wrote it, so that our rules could misread it."""
        return self.v > self.VERSION

    def stamped(self) -> Self:
        """The message for the wire, with the version of its shape."""
        return self if self.v == self.VERSION else msgspec.structs.replace(self, v=self.VERSION)
