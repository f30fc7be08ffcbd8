"""Acts of the operator: recorded, and entered by the inbox, in one commit."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import msgspec

from egpay.domain.acts import Act
from egpay.domain.values import MessageId


class StoredAct(msgspec.Struct, frozen=True, kw_only=True):
    """Act as recorded; `arguments` is all that was decided, as JSON."""

    key: MessageId
    kind: str
    subject: str
    who: str
    why: str
    arguments: dict[str, Any]
    at: datetime


class ActTransaction(Protocol):
    """Act transaction: all of its changes are committed, or none."""

    async def lock(self, act: Act) -> None:
        """Lock the key and the subject until the block ends, so that of two equal acts at once one sees the other."""
        ...

    async def of_key(self, key: MessageId) -> StoredAct | None:
        """The act that was entered under this key."""
        ...

    async def equal_since(self, act: Act, since: datetime) -> StoredAct | None:
        """The newest act of the same kind, subject and decision since then, whatever was seen."""
        ...

    async def enter(self, act: Act) -> None:
        """Store the act, its event in the inbox and its message in the outbox."""
        ...


OpenActs: TypeAlias = Callable[[], AbstractAsyncContextManager[ActTransaction]]
"""Open a transaction. Raises Outage when the database does not answer."""
