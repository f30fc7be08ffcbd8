"""What use cases outside the event path read and write, within one transaction at a time."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.account import Account, Invitation
from egpay.domain.commands import Command
from egpay.domain.owner import Owner
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, OrganisationId, SaleId, SubscriptionId
from egpay.ports.selling import Products, Sales


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to write to about money."""

    name: str
    email: str


class KeyState(StrEnum):
    """What an Idempotency-Key was used for before."""

    NEW = "new"
    MISMATCH = "mismatch"
    IN_PROGRESS = "in_progress"
    UNFINISHED = "unfinished"
    DONE = "done"


class KeyClaim(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an Idempotency-Key after claiming it; `sale_id` when a sale was stored under it."""

    replay: KeyState
    sale_id: SaleId | None = None


class IdempotencyKeys(Protocol):
    """Keys that callers chose, so that asking twice sells once (draft-ietf-httpapi-idempotency-key-header)."""

    async def claim(self, key: str, request_hash: bytes, *, at: datetime, until: datetime) -> KeyClaim:
        """Take the key for this request until a time. IN_PROGRESS while somebody else holds it; UNFINISHED when an
        earlier try stored a sale but had no answer for it; DONE when the answer is the sale's session."""
        ...

    async def bind(self, key: str, sale_id: SaleId) -> None:
        """The key's request led to this sale."""
        ...

    async def release(self, key: str, *, done: bool) -> None:
        """The request is over; `done` when it was answered for good."""
        ...


class Accounts(Protocol):
    """Organisations, their admins and what opens the door for them."""

    async def live_subscription(self, key: EmailKey) -> Subscription | None:
        """A live subscription, whose end nobody has asked for, of the account with this e-mail or of a sale to it;
        one that is paid for counts before the provider reports it. Until the transaction ends nobody else decides
        about this e-mail."""
        ...

    async def of(self, organisation: OrganisationId) -> Account | None:
        """The organisation and its admin."""
        ...

    async def invite(self, invitation: Invitation) -> None:
        """Keep an invitation; earlier ones of the same user stay valid until they expire."""
        ...


class Owners(Protocol):
    """Whose a subscription is that no sale of ours began."""

    async def put(self, owner: Owner) -> None:
        """Keep what the provider said; a later answer replaces an earlier one."""
        ...

    async def payer(self, subscription: SubscriptionId) -> Payer | None:
        """Who pays for a subscription: the billing e-mail of its sale or its admin's, else its owner's."""
        ...


class EmailLog(Protocol):
    """Which e-mail was sent, by its key: at most once unless a crash leaves a doubt."""

    async def claim(
        self,
        key: str,
        *,
        kind: str,
        to: str,
        subject: str,
        sale_id: SaleId | None,
        at: datetime,
        until: datetime,
    ) -> bool:
        """True when this e-mail is ours to send until the time given; False when it was sent. Raises Outage while
        somebody else is sending it."""
        ...

    async def sent(self, key: str, *, message_id: str, at: datetime) -> None:
        """The mail server has taken it."""
        ...


class Timeline(Protocol):
    """What happened, for people."""

    async def note(self, *entries: Entry) -> None:
        """Add lines."""
        ...

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """The lines of a sale, oldest first."""
        ...


class Commands(Protocol):
    """Commands decided outside the event path."""

    async def put(self, *commands: Command) -> None:
        """Into the outbox; one of the same id is not put twice."""
        ...


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """Lives for one transaction: commits when its block ends, rolls back when it raises."""

    products: Products
    sales: Sales
    idempotency_keys: IdempotencyKeys
    accounts: Accounts
    owners: Owners
    emails: EmailLog
    timeline: Timeline
    commands: Commands


Begin: TypeAlias = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Open a transaction. Raises Outage when the database does not answer."""
