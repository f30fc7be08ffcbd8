"""Books: the records a batch of events may touch, as loaded, with what was written on them since.

A reaction takes books and returns others: when it fails, its writes are not merged, and the other events go on.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from egpay.domain.access import Access
from egpay.domain.account import Account
from egpay.domain.acts import ActRecord
from egpay.domain.case import Case
from egpay.domain.commands import Command
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.public_events import PublicEvent
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.domain.values import (
    CustomerId,
    EmailKey,
    InvoiceId,
    MessageId,
    OrganisationId,
    PaymentIntentId,
    SaleId,
    SubscriptionId,
)

K = TypeVar("K")
V = TypeVar("V")


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """Records by key: as loaded, all that the events of a batch may touch; as written, the changed ones."""

    sales: dict[SaleId, Sale] = {}
    subscriptions: dict[SubscriptionId, Subscription] = {}
    accounts: dict[OrganisationId, Account] = {}
    payments: dict[str, Payment] = {}
    shipments: dict[SaleId, Shipment] = {}
    owners: dict[SubscriptionId, Owner] = {}
    cases: dict[str, Case] = {}
    foreign: dict[MessageId, ForeignEvent] = {}
    known_prices: dict[str, KnownPrice] = {}
    installations: dict[str, Installation] = {}
    accesses: dict[OrganisationId, Access] = {}
    acts: dict[MessageId, ActRecord] = {}

    def merge(self, other: "Records") -> None:
        """Write another's records over these, in place; only the fold calls it, never a reaction."""
        if other.sales:
            self.sales.update(other.sales)
        if other.subscriptions:
            self.subscriptions.update(other.subscriptions)
        if other.accounts:
            self.accounts.update(other.accounts)
        if other.payments:
            self.payments.update(other.payments)
        if other.shipments:
            self.shipments.update(other.shipments)
        self.cases.update(other.cases)
        self.foreign.update(other.foreign)
        self.accesses.update(other.accesses)


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Books of one event; `buyer_emails` has what a buyer typed at Checkout, by the event's id."""

    loaded: Records
    written: Records = msgspec.field(default_factory=Records)
    commands: tuple[Command, ...] = ()
    entries: tuple[Entry, ...] = ()
    public_events: tuple[PublicEvent, ...] = ()
    buyer_emails: Mapping[MessageId, str] = {}

    def sale(self, key: SaleId | None) -> Sale | None:
        """The current sale, if it is ours."""
        return _latest(key, self.written.sales, self.loaded.sales)

    def subscription(self, key: SubscriptionId | None) -> Subscription | None:
        """The current subscription, if any report of it is stored."""
        return _latest(key, self.written.subscriptions, self.loaded.subscriptions)

    def accounts_of(self, key: EmailKey) -> list[Account]:
        """The organisations whose admin has this e-mail, by their ids; the admin is one user in all of them."""
        known = _all(self.written.accounts, self.loaded.accounts)
        return [known[each] for each in sorted(known) if known[each].admin.email_key == key]

    def shipment(self, key: SaleId) -> Shipment | None:
        """The shipment of a sale, if one was due."""
        return _latest(key, self.written.shipments, self.loaded.shipments)

    def payment(self, key: str) -> Payment | None:
        """A payment by its own id: the sale's, or a renewal's invoice."""
        return _latest(key, self.written.payments, self.loaded.payments)

    def payment_known_as(
        self, *, payment_intent: PaymentIntentId, invoice: InvoiceId | None = None
    ) -> Payment | None:
        """A payment by the provider's ids of it."""
        for payment in _all(self.written.payments, self.loaded.payments).values():
            if payment.payment_intent_id == payment_intent or (invoice and payment.invoice_id == invoice):
                return payment
        return None

    def case(self, key: str) -> Case | None:
        """A case, open or closed, if it was ever opened."""
        return _latest(key, self.written.cases, self.loaded.cases)

    def access(self, key: OrganisationId) -> Access | None:
        """The stored access of an organisation; None before the first."""
        return _latest(key, self.written.accesses, self.loaded.accesses)

    def owner(self, key: SubscriptionId) -> Owner | None:
        """The owner of a subscription that no sale of ours began, once the provider answered."""
        return self.loaded.owners.get(key)

    @property
    def installation(self) -> Installation | None:
        """This installation; None only in books that are no database's."""
        return next(iter(self.loaded.installations.values()), None)

    def account_of_customer(self, customer: CustomerId | None) -> Account | None:
        """The account whose subscription of ours has this customer of the provider's."""
        holders = {each.organisation_id for each in self.subscriptions_of_customer(customer)}
        accounts = _all(self.written.accounts, self.loaded.accounts)
        return next((accounts[each] for each in sorted(accounts) if each in holders), None)

    @property
    def subscriptions(self) -> Iterable[Subscription]:
        """All current subscriptions in reach."""
        return _all(self.written.subscriptions, self.loaded.subscriptions).values()

    def subscriptions_of_customer(self, customer: CustomerId | None) -> list[Subscription]:
        """The subscriptions of ours that have this customer of the provider's."""
        return [each for each in self.subscriptions if customer and each.customer_id == customer]

    def subscriptions_of(self, organisation: OrganisationId) -> list[Subscription]:
        """All subscriptions of an organisation."""
        return [each for each in self.subscriptions if each.organisation_id == organisation]

    def running_subscriptions(self, organisation: OrganisationId) -> list[Subscription]:
        """The live subscriptions of an organisation without a requested end."""
        return [each for each in self.subscriptions_of(organisation) if each.goes_on]

    def with_sale(self, sale: Sale) -> "Books":
        """These books with the changed sale."""
        return self._writing(sales={**self.written.sales, sale.id: sale})

    def with_subscription(self, subscription: Subscription) -> "Books":
        """These books with the changed subscription."""
        return self._writing(subscriptions={**self.written.subscriptions, subscription.id: subscription})

    def with_account(self, account: Account) -> "Books":
        """These books with the changed account."""
        return self._writing(accounts={**self.written.accounts, account.organisation.id: account})

    def with_payment(self, payment: Payment) -> "Books":
        """These books with the changed payment."""
        return self._writing(payments={**self.written.payments, payment.id: payment})

    def with_shipment(self, shipment: Shipment) -> "Books":
        """These books with the changed shipment."""
        return self._writing(shipments={**self.written.shipments, shipment.sale_id: shipment})

    def with_commands(self, *commands: Command) -> "Books":
        """These books with more commands, to be carried out once they are saved."""
        return msgspec.structs.replace(self, commands=self.commands + commands)

    def with_entries(self, *entries: Entry) -> "Books":
        """These books with more timeline entries."""
        return msgspec.structs.replace(self, entries=self.entries + entries)

    def with_access(self, access: Access, news: PublicEvent) -> "Books":
        """These books with the changed access and what the product is told of it."""
        books = self._writing(accesses={**self.written.accesses, access.organisation_id: access})
        return msgspec.structs.replace(books, public_events=(*self.public_events, news))

    def with_case(self, case: Case) -> "Books":
        """These books with the changed case; only the rule that syncs cases, and an operator's act, call it."""
        return self._writing(cases={**self.written.cases, case.id: case})

    def _writing(self, **pages: object) -> "Books":
        return msgspec.structs.replace(self, written=msgspec.structs.replace(self.written, **pages))


def _all(written: Mapping[K, V], loaded: Mapping[K, V]) -> Mapping[K, V]:
    return {**loaded, **written} if written else loaded


def _latest(key: K | None, written: Mapping[K, V], loaded: Mapping[K, V]) -> V | None:
    if key is None:
        return None
    return written.get(key) or loaded.get(key)
