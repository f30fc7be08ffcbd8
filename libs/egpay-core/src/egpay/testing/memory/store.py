"""In-memory tables: serialize transactions, commit when a block ends, roll back when it raises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime

from egpay.adapters.system.clock import utc_now
from egpay.domain.access import Access
from egpay.domain.account import Account, Invitation
from egpay.domain.acts import ActRecord
from egpay.domain.case import Case
from egpay.domain.catalogue import Product
from egpay.domain.errors import Outage
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.public_events import PublicEvent
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.domain.values import (
    CustomerId,
    EmailKey,
    MessageId,
    OrganisationId,
    ProductId,
    SaleId,
    SubscriptionId,
)
from egpay.domain.withdrawal import Withdrawal, WithdrawalId
from egpay.ports.clock import Clock
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Receipt
from egpay.ports.outbox import OutboxMessage
from egpay.ports.payments import CheckoutSession


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Row of an idempotency key; `held_until` is None once its request is over."""

    request_hash: bytes
    held_until: datetime | None
    sale_id: SaleId | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class SentEmail:
    """Row of an e-mail; `sent_at` is None until the mail server has accepted it."""

    kind: str
    to: str
    subject: str
    sale_id: SaleId | None
    claimed_until: datetime
    message_id: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """Row of a lookup at the provider; `held_until` is None once it was answered."""

    asked_at: datetime
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class RequestedLink:
    """Row of a portal link; `token_hash` is None until it was issued."""

    email_key: EmailKey
    requested_at: datetime
    token_hash: bytes | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeCustomer:
    """Row of a customer at the provider; `deleted_at` is None until the provider has deleted it."""

    sale_id: SaleId | None
    used_at: datetime
    organisation_id: OrganisationId | None = None
    kept: bool = False
    given_up_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(slots=True)
class Tables:
    """All tables, rows by key; tests may inspect and fill each."""

    products: dict[ProductId, Product] = field(default_factory=dict)
    prices: dict[ProductId, str] = field(default_factory=dict)
    sales: dict[SaleId, Sale] = field(default_factory=dict)
    orders: dict[SaleId, Order] = field(default_factory=dict)
    customers: dict[CustomerId, MadeCustomer] = field(default_factory=dict)
    checkout_pages: dict[SaleId, CheckoutSession] = field(default_factory=dict)
    subscriptions: dict[SubscriptionId, Subscription] = field(default_factory=dict)
    accounts: dict[OrganisationId, Account] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    shipments: dict[SaleId, Shipment] = field(default_factory=dict)
    owners: dict[SubscriptionId, Owner] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    invitations: dict[bytes, Invitation] = field(default_factory=dict)
    used_invitations: dict[bytes, datetime] = field(default_factory=dict)
    webhook_events: dict[tuple[str, MessageId], Receipt] = field(default_factory=dict)
    outbox: dict[MessageId, OutboxMessage] = field(default_factory=dict)
    published: dict[MessageId, datetime] = field(default_factory=dict)
    leases: dict[MessageId, datetime] = field(default_factory=dict)
    processed_messages: dict[MessageId, None] = field(default_factory=dict)
    dead_letters: dict[MessageId, DeadLetter] = field(default_factory=dict)
    idempotency_keys: dict[str, HeldKey] = field(default_factory=dict)
    emails: dict[str, SentEmail] = field(default_factory=dict)
    questions: dict[str, AskedQuestion] = field(default_factory=dict)
    foreign: dict[MessageId, ForeignEvent] = field(default_factory=dict)
    known_prices: dict[str, KnownPrice] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    accesses: dict[OrganisationId, Access] = field(default_factory=dict)
    acts: dict[MessageId, ActRecord] = field(default_factory=dict)
    news: dict[str, PublicEvent] = field(default_factory=dict)
    timeline: dict[int, Entry] = field(default_factory=dict)
    portal_links: dict[PortalLinkId, RequestedLink] = field(default_factory=dict)
    withdrawals: dict[WithdrawalId, Withdrawal] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """Copy the tables, not the rows, because rows never change."""
        return Tables(*(getattr(self, table.name).copy() for table in fields(self)))

    def note(self, *entries: Entry) -> None:
        """Append entries to the timeline."""
        for entry in entries:
            self.timeline[len(self.timeline)] = entry

    def put(self, *messages: OutboxMessage) -> None:
        """Insert messages into the outbox, except those whose id is there."""
        for message in messages:
            self.outbox.setdefault(message.id, message)


@dataclass(slots=True)
class MemoryStore:
    """Store that all memory ports of one test share; while `away` holds, everything raises Outage.

    `taken` are the messages being published at this moment; `clock` dates what was published.
    """

    tables: Tables = field(default_factory=Tables)
    away: bool = False
    clock: Clock = utc_now
    taken: set[MessageId] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tables]:
        """A copy of the tables, which replaces the store's when the block ends, and not when it raises.

        Others wait meanwhile, so a transaction must not be opened within another one."""
        async with self._turn:
            self.answer()
            tables = self.tables.copy()
            yield tables
            self.answer()
            self.tables = tables

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Tables]:
        """The store's own tables, uncopied and so fast, for a change that cannot fail half-way."""
        async with self._turn:
            self.answer()
            yield self.tables

    def answer(self) -> None:
        """Raise Outage while the store is away."""
        if self.away:
            raise Outage("the database is away")
