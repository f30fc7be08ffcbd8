"""Scenario: what was sold, the webhooks that come in disorder, and the required ending."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from egpay.adapters import wire
from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.acts import Act, ActRecord
from egpay.domain.events import Source, WithdrawalDeclared
from egpay.domain.foreign import Installation, KnownPrice
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import MessageId, SaleId
from egpay.domain.withdrawal import Withdrawal
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.storage import UnitOfWork
from egpay.testing.builders import moment
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation, Json

INSTALLATION = Installation(id="inst_ours", since=moment(-400 * 86_400))
"""This installation, which began long before every scenario."""


@dataclass(frozen=True, slots=True)
class Told:
    """One webhook; a provider may repeat it as it was, or as a second event object of the same fact."""

    name: str
    event_id: str
    body: bytes
    receipt: Receipt
    door: str = "stripe"
    act: Act | None = None
    """What an operator entered instead, by the door `operator`."""
    declared: Withdrawal | None = None
    """What a consumer declared instead, by the door `storefront`."""


class Held(NamedTuple):
    """What an organisation holds in the end, `until` in seconds after the scenario's midnight."""

    level: str
    until: int | None = None
    plan: str | None = None
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Required:
    """The required ending, by the letter of each sale: nothing else may have happened.

    `gone` is how much of a payment went back or was lost; a renewal's letter is that of its invoice (`in2`: `a2`).
    """

    sales: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    organisations: int = 1
    letters: tuple[str, ...] = ("introduction",)
    parcels: Mapping[str, int] = field(default_factory=dict)
    access: str = "full"
    gone: Mapping[str, int] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    held: tuple[Held, ...] | None = field(default=None, compare=False)
    """Compared where it is given: each organisation's access in full."""
    named: str | None = field(default=None, compare=False)
    """Compared where it is given: the subscription that the sale `a` names."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The provider's answers: its objects in their final state, by their ids."""

    subscriptions: Mapping[str, Json] = field(default_factory=dict)
    invoices: Mapping[str, Json] = field(default_factory=dict)
    invoice_of: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, Json] = field(default_factory=dict)
    disputes: Mapping[str, Json] = field(default_factory=dict)
    open_invoices: tuple[Json, ...] = ()
    refused_refunds: Mapping[str, str] = field(default_factory=dict)
    """Codes with which it refuses refunds, by the keys of the acts that asked for them."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One sale's story with its required ending.

    `before` was handled in its order before the disorder began (it may be repeated within it); `told` comes
    in any order, any number of times. `at` is when access is computed, in seconds of the scenario's own
    clock; `timed` says that it decides, so that a system by today's clock ends otherwise.
    """

    number: str
    name: str
    tag: str
    sold: tuple[tuple[Sale, Order], ...]
    told: tuple[Told, ...]
    required: Required
    truth: Truth = field(default_factory=Truth)
    before: tuple[Told, ...] = ()
    at: int = 0
    catalogue: tuple[KnownPrice, ...] = ()
    timed: bool = False

    @property
    def sales(self) -> dict[SaleId, Sale]:
        """Lists the sales as they are before the first webhook."""
        return {sale.id: sale for sale, _ in self.sold}

    @property
    def acts(self) -> dict[MessageId, ActRecord]:
        """Lists the rows of the operator's acts, which are stored in the commit of their events."""
        return {one.act.key: one.act.record for one in (*self.before, *self.told) if one.act}


def tell(
    name: str,
    kind: str,
    content: Json,
    *,
    event_id: str,
    created: int,
    generation: Generation = Generation.ENDIVE,
) -> Told:
    """Builds a webhook of Stripe's, translated as the webhook route does it."""
    body = event(kind, content, event_id=event_id, created=created, generation=generation)
    return Told(name, event_id, body, _translated(body))


def enter(name: str, act: Act) -> Told:
    """Builds what an operator enters, as the inbox stores it."""
    event = act.event
    receipt = Receipt(
        source=event.source,
        event_id=event.id,
        type=act.kind,
        body=wire.encode(event),
        occurred_at=event.occurred_at,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=event.sale_id,
    )
    return Told(name, event.id, receipt.body, receipt, door="operator", act=act)


def declared_at_storefront(declared: Withdrawal) -> Told:
    """Builds what a consumer declares; its event goes into the outbox in the commit of its row."""
    event = WithdrawalDeclared(
        id=MessageId(f"withdrawal:{declared.id}"),
        occurred_at=declared.declared_at,
        source=Source.STOREFRONT,
        sale_id=declared.sale_id,
        withdrawal_id=declared.id,
    )
    receipt = Receipt(
        source=event.source,
        event_id=event.id,
        type="withdrawal",
        body=wire.encode(event),
        occurred_at=event.occurred_at,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=event.sale_id,
    )
    return Told("withdraws", event.id, receipt.body, receipt, door="storefront", declared=declared)


async def store_declaration(uow: UnitOfWork, told: Told) -> None:
    """Stores what was declared and its event, as the route does in one transaction."""
    assert told.declared
    assert isinstance(told.receipt.event, WithdrawalDeclared)
    await uow.withdrawals.add(told.declared, most=10)
    await uow.events.put(told.receipt.event)


def twin(told: Told) -> Told:
    """Copies a webhook to a second event object of the same fact, as Stripe makes them now and then."""
    event_id = f"{told.event_id}_twin"
    body = told.body.replace(told.event_id.encode(), event_id.encode())
    return Told(f"{told.name} twin", event_id, body, _translated(body), told.door)


def _translated(body: bytes) -> Receipt:
    return translate(body, live=False, at=moment(), installation=INSTALLATION.id)
