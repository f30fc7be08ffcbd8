"""Command: the base of all, with the event that led to it and the version of its shape."""

from datetime import datetime
from typing import ClassVar, Self

import msgspec

from egpay.domain.events import Source
from egpay.domain.values import MessageId, SaleId


class CommandBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all commands: `occurred_at` and `source` are those of the event that led to it.

    `v` and `VERSION` are as in events.
    """

    VERSION: ClassVar[int] = 1

    id: MessageId
    occurred_at: datetime
    source: Source
    sale_id: SaleId | None = None
    v: int = 1

    @property
    def is_newer(self) -> bool:
        """Whether a later release wrote it, so that our rules could misread it."""
        return self.v > self.VERSION

    def stamped(self) -> Self:
        """The message for the wire, with the version of its shape."""
        return self if self.v == self.VERSION else msgspec.structs.replace(self, v=self.VERSION)
