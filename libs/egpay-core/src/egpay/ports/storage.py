"""Unit of work: one transaction with the repositories of use cases outside the event path."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.account import Account
from egpay.domain.owner import Owner
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, OrganisationId, SaleId, SubscriptionId
from egpay.ports.customers import Customers
from egpay.ports.invitations import Invitations
from egpay.ports.letter_facts import LetterFacts
from egpay.ports.own_messages import Commands, OwnEvents
from egpay.ports.portal_links import PortalLinks
from egpay.ports.selling import Products, Sales
from egpay.ports.withdrawals import Withdrawals


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Payer: the name and billing address for messages about money, the admin's address, and the order's language."""

    name: str
    email: str
    admin: str
    organisation: str = ""
    locale: str | None = None


class LiveSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """Subscription that goes on, with its organisation's name, or its sale's before there is an account."""

    id: SubscriptionId
    sale_id: SaleId | None
    organisation: str


class KeyState(StrEnum):
    """State of an Idempotency-Key as `claim` finds it."""

    NEW = "new"
    MISMATCH = "mismatch"
    IN_PROGRESS = "in_progress"
    UNFINISHED = "unfinished"
    DONE = "done"


class KeyClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Result of claiming an Idempotency-Key; `sale_id` when a sale was stored under it."""

    replay: KeyState
    sale_id: SaleId | None = None


class IdempotencyKeys(Protocol):
    """Idempotency keys: claim a caller's key, so that asking twice sells once.

    Specified by draft-ietf-httpapi-idempotency-key-header. The life of a key, with the answers of `claim`:

        (no row) ---claim: NEW---> HELD ---release, done---> DONE
            ^                      |  ^
            +--release, no sale----+  |
                                   |  | claim: UNFINISHED with a sale, else NEW
             release with a sale,  |  |
             or its time is over   v  |
                                   FREE

    `bind` stores the sale of a HELD key. `claim` answers IN_PROGRESS in HELD, DONE in DONE, and MISMATCH for
    another body in every state; these answers change nothing.
    """

    async def claim(self, key: str, request_hash: bytes, *, at: datetime, until: datetime) -> KeyClaim:
        """Claim the key for this request until a time, as a lease.

        IN_PROGRESS while another request holds it; UNFINISHED when an earlier try stored a sale but had no
        answer for it; DONE when the answer is the sale's session.
        """
        ...

    async def bind(self, key: str, sale_id: SaleId) -> None:
        """Store the sale to which the key's request led."""
        ...

    async def release(self, key: str, *, done: bool) -> None:
        """End the claim of a request; `done` when it has its final answer."""
        ...


class Accounts(Protocol):
    """Account repository: organisations and their admins."""

    async def live_subscriptions(self, key: EmailKey) -> Sequence[LiveSubscription]:
        """The subscriptions that go on, of the organisations of this e-mail or of sales to it, newest first.

        Each is active, trialing, past due or unpaid, no end is set, and its sale's first payment is settled (one
        without a sale was granted by a person). One that is paid for counts before the provider reports it. The
        e-mail is locked until the transaction ends, so that no other transaction decides about it.
        """
        ...

    async def organisations_of(self, key: EmailKey) -> Sequence[str]:
        """The names of the organisations that this e-mail is an admin of."""
        ...

    async def of(self, organisation: OrganisationId) -> Account | None:
        """The organisation and its admin."""
        ...


class Owners(Protocol):
    """Owner repository: owners of subscriptions that no sale of ours began."""

    async def put(self, owner: Owner) -> None:
        """Store the provider's answer; a later one replaces an earlier one."""
        ...

    async def payer(self, subscription: SubscriptionId) -> Payer | None:
        """The payer of a subscription: the billing e-mail of its sale or its admin's, else its owner's."""
        ...


class EmailLog(Protocol):
    """E-mail log: lets each e-mail be sent at most once by its key, unless a crash leaves a doubt."""

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
        """Claim the sending of an e-mail until a time; False when it was sent.

        Raises Outage while another process is sending it.
        """
        ...

    async def release(self, key: str, *, until: datetime, at: datetime) -> None:
        """End the claim that was made `until` then, because the e-mail was certainly not sent.

        A claim that another process has made since stays.
        """
        ...

    async def sent(self, key: str, *, to: str, message_id: str, at: datetime) -> None:
        """Store that the mail server has taken it, for this address."""
        ...


class Timeline(Protocol):
    """Timeline: stores what happened, for people to read."""

    async def note(self, *entries: Entry) -> None:
        """Add entries."""
        ...

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """The entries of a sale, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """Unit of work: one transaction; commits when its block ends, rolls back when it raises."""

    products: Products
    sales: Sales
    idempotency_keys: IdempotencyKeys
    accounts: Accounts
    invitations: Invitations
    customers: Customers
    owners: Owners
    emails: EmailLog
    timeline: Timeline
    commands: Commands
    events: OwnEvents
    withdrawals: Withdrawals
    portal_links: PortalLinks
    letter_facts: LetterFacts


Begin: TypeAlias = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Open a transaction. Raises Outage when the database does not answer."""
