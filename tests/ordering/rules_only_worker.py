"""Rules-only worker: the real `fold` over records in memory, with effects of a few lines.

Fast enough for a thousand interleavings a second. That real effects over real storage do the same is shown,
on fewer interleavings, by the tests beside it.
"""

import random
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias, assert_never

from final_state import ExternalState, FinalState, Parcel, lasting
from interleaving import Interleaving, one_by_one
from provider_answers import ProviderAnswers
from scenario import INSTALLATION, Scenario, Told
from shop import START

from billing_worker.inbound.fold_batch import fold
from egpay.domain.books import Records
from egpay.domain.commands import (
    CancelShipment,
    ChangeShipment,
    Command,
    EndSubscription,
    ExpireCheckoutPages,
    ExpireOrderPage,
    FindOverdueRenewal,
    HoldShipment,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    RefundPayment,
    ReleaseShipment,
    RenewInvitation,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    SendWithdrawalReceipt,
    ShipDevices,
    TracePayment,
)
from egpay.domain.events import (
    BillingEvent,
    OwnerIdentified,
    OwnerUnknown,
    RefundRefused,
    RenewalOverdue,
    Source,
)
from egpay.domain.sale import SaleStatus
from egpay.domain.values import MessageId, SaleId
from egpay.domain.working_set import resolve_sales
from egpay.ports.payments import UnpaidRenewal
from egpay.testing.builders import moment

ShipmentCommand: TypeAlias = ShipDevices | HoldShipment | ReleaseShipment | ChangeShipment | CancelShipment


@dataclass(slots=True)
class RulesOnlyWorker:
    """Runs one interleaving of one scenario."""

    scenario: Scenario
    answers: ProviderAnswers
    pages: Records
    world: ExternalState = field(default_factory=ExternalState)
    seen: set[MessageId] = field(default_factory=set)
    wished: dict[MessageId, Command] = field(default_factory=dict)
    dead_letters: list[str] = field(default_factory=list)
    buyer_emails: dict[MessageId, str] = field(default_factory=dict)
    waiting: list[Command] = field(default_factory=list)
    on_the_wire: list[ShipmentCommand] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario) -> "RulesOnlyWorker":
        """Builds the state at which the disorder begins: what came before is already handled."""
        fresh = cls(scenario, ProviderAnswers(scenario.truth), beginning(scenario))
        for told in scenario.before:
            fresh.hear([told])
            fresh.carry_out_all()
            fresh.arrive(fresh.on_the_wire)
        return fresh

    def copy(self) -> "RulesOnlyWorker":
        """Copies the state, to run another interleaving from here."""
        pages = Records(**{name: dict(getattr(self.pages, name)) for name in self.pages.__struct_fields__})
        parcels = {
            sale: Parcel(one.devices, one.requests, one.held, one.cancelled, one.revision)
            for sale, one in self.world.parcels.items()
        }
        return RulesOnlyWorker(
            self.scenario,
            self.answers,
            pages,
            ExternalState(dict(self.world.letters), parcels),
            set(self.seen),
            dict(self.wished),
            list(self.dead_letters),
            dict(self.buyer_emails),
            list(self.waiting),
            list(self.on_the_wire),
        )

    def tell(self, interleaving: Interleaving) -> FinalState:
        """Delivers the whole interleaving and runs until nothing is pending."""
        dice = random.Random(interleaving.seed)  # noqa: S311 - repeatable dice, no secret
        for batch in interleaving.batches:
            self._deliver(batch, interleaving.promptness, dice)
        return self._settled(dice)

    def tell_every_order(self) -> Iterator[tuple[Interleaving, FinalState]]:
        """Delivers the events of the scenario one by one in every order, what orders begin with only once."""
        dice = random.Random(0)  # noqa: S311 - as above
        yield from self._branches(dice, (), self.scenario.told)

    def _branches(
        self, dice: random.Random, told: tuple[Told, ...], rest: tuple[Told, ...]
    ) -> Iterator[tuple[Interleaving, FinalState]]:
        if not rest:
            yield one_by_one(told), self._settled(dice)
        for number, each in enumerate(rest):
            branch, dice_there = self.copy(), copy(dice)
            branch._deliver((each,), 1.0, dice_there)
            yield from branch._branches(dice_there, (*told, each), rest[:number] + rest[number + 1 :])

    def _deliver(self, batch: Sequence[Told], promptness: float, dice: random.Random) -> None:
        self.hear(batch)
        prompt = [each for each in self.waiting if dice.random() < promptness]
        self.waiting = [each for each in self.waiting if each not in prompt]
        for command in prompt:
            self._carry_out(command)
        self.arrive([each for each in self.on_the_wire if dice.random() < promptness])

    def _settled(self, dice: random.Random) -> FinalState:
        dice.shuffle(self.waiting)
        self.carry_out_all()
        self.arrive(dice.sample(self.on_the_wire, len(self.on_the_wire)))
        return self.ending()

    def ending(self) -> FinalState:
        """Returns the ending."""
        at = moment() + timedelta(seconds=START + self.scenario.at - moment().timestamp())
        return FinalState(self.pages, self.world, self.pages.cases.values(), self.dead_letters, at)

    def hear(self, batch: Sequence[Told]) -> None:
        """Handles one batch of webhooks, as stored and relayed."""
        for told in batch:
            if told.receipt.buyer_email:
                self.buyer_emails[told.receipt.event_id] = told.receipt.buyer_email
        self._react([told.receipt.event for told in batch if told.receipt.event])

    def carry_out_all(self) -> None:
        """Carries out commands until none waits."""
        while self.waiting:
            self._carry_out(self.waiting.pop(0))

    def _react(self, events: Sequence[BillingEvent]) -> None:
        new = {event.id: event for event in reversed(events) if event.id not in self.seen}
        fresh = [new.pop(event.id) for event in events if event.id in new]
        if not fresh:
            return
        outcome = fold(resolve_sales(fresh, self.pages), self.pages, self.buyer_emails)
        self.seen.update(event.id for event in fresh)
        self.dead_letters += [f"{parked.event.id}: {parked.reason}" for parked in outcome.parked]
        for command in outcome.commands:
            if command.id not in self.wished:
                self.wished[command.id] = command
                self.waiting.append(command)

    def _carry_out(self, command: Command) -> None:  # noqa: C901, PLR0912 - one line for each command
        match command:
            case SendIntroduction():
                self.world.letters[command.id] = "introduction"
            case SendPaymentFailed():
                if self.pages.sales[_sale(command)].status is SaleStatus.PAYMENT_FAILED:
                    self.world.letters[command.id] = "payment_failed"
            case SendPaymentReminder():
                self.world.letters[command.id] = "payment_retry"
            case ShipDevices() | HoldShipment() | ReleaseShipment() | ChangeShipment() | CancelShipment():
                if self._still_holds(command):
                    self.on_the_wire.append(command)
            case SendWithdrawalReceipt():
                self.world.letters[command.id] = "withdrawal_received"
            case TracePayment():
                self._react([self.answers.traced(command.waiting)])
            case RefreshDispute():
                self._react([self.answers.disputed(command.waiting)])
            case RefreshSubscription():
                self._react([self.answers.refreshed(command.subscription_id)])
            case SendLetter():
                self.world.letters.update(lasting({command.id: command.kind.value}))
            case FindOverdueRenewal():
                self._react(self._overdue(command))
            case (
                ExpireCheckoutPages()
                | ExpireOrderPage()
                | SendPortalLink()
                | RenewInvitation()
                | EndSubscription()
            ):
                pass  # what follows is the webhook of each page, and the scenario tells it
            case RefundPayment():
                self._react(self._refused(command))  # what it gives back is told by the scenario
            case IdentifyOwner():
                owner = self.answers.owner(command.subscription_id)
                if owner:
                    self.pages.owners[owner.subscription_id] = owner
                self._react([_identified(command) if owner else _unknown(command)])
            case _:
                assert_never(command)

    def _overdue(self, command: FindOverdueRenewal) -> list[BillingEvent]:
        owed = self.answers.unpaid_renewal(command.subscription_id)
        return [_owed(command, owed)] if owed else []

    def _refused(self, command: RefundPayment) -> list[BillingEvent]:
        code = self.answers.refusal(command.act)
        return [_refusal(command, code)] if code else []

    def _still_holds(self, command: ShipmentCommand) -> bool:
        shipment = self.pages.shipments[_sale(command)]
        match command:
            case ShipDevices():
                return not shipment.cancelled
            case HoldShipment():
                return shipment.held
            case ReleaseShipment():
                return not (shipment.held or shipment.cancelled)
            case CancelShipment() | ChangeShipment():
                return not shipment.dispatched

    def arrive(self, commands: Sequence[ShipmentCommand]) -> None:
        """Delivers commands to the warehouse in this order: a later one of another worker may come first."""
        for command in list(commands):
            self.on_the_wire.remove(command)
            sale = _sale(command)
            parcel = self.world.parcels.setdefault(sale, Parcel())
            match command:
                case ShipDevices():
                    parcel.requests += 1
                    parcel.devices = self._devices(sale)
                case HoldShipment() | ReleaseShipment():
                    parcel.hold(held=isinstance(command, HoldShipment), revision=command.revision)
                case ChangeShipment():
                    parcel.devices = self._devices(sale)
                case CancelShipment():
                    parcel.cancelled = True

    def _devices(self, sale: SaleId) -> int:
        items = self.pages.shipments[sale].items
        return self.pages.sales[sale].device_quantity if items is None else sum(items.values())


def beginning(scenario: Scenario) -> Records:
    """Builds the books before the first webhook: sales, catalogue and installation."""
    return Records(
        sales=scenario.sales,
        known_prices={price.id: price for price in scenario.catalogue},
        installations={INSTALLATION.id: INSTALLATION},
        acts=scenario.acts,
    )


def _sale(command: Command) -> SaleId:
    assert command.sale_id is not None
    return command.sale_id


def _owed(command: FindOverdueRenewal, owed: UnpaidRenewal) -> RenewalOverdue:
    return RenewalOverdue(
        id=MessageId(f"{command.id}:answered"),
        occurred_at=command.occurred_at,
        source=Source.RECONCILE,
        subscription_id=command.subscription_id,
        invoice_id=owed.invoice_id,
        owed_since=owed.owed_since,
    )


def _refusal(command: RefundPayment, code: str) -> RefundRefused:
    return RefundRefused(
        id=MessageId(f"{command.id}:refused"),
        occurred_at=command.occurred_at,
        source=Source.RECONCILE,
        sale_id=command.sale_id,
        payment_id=command.payment_id,
        act=command.act,
        amount=command.amount,
        code=code,
        payment_intent_id=command.payment_intent_id,
        invoice_id=command.invoice_id,
    )


def _unknown(command: IdentifyOwner) -> OwnerUnknown:
    return OwnerUnknown(
        id=MessageId(f"{command.id}:unknown"),
        occurred_at=command.occurred_at,
        source=Source.RECONCILE,
        subscription_id=command.subscription_id,
    )


def _identified(command: IdentifyOwner) -> OwnerIdentified:
    return OwnerIdentified(
        id=MessageId(f"owner:{command.subscription_id}:identified"),
        occurred_at=command.occurred_at,
        source=Source.RECONCILE,
        subscription_id=command.subscription_id,
    )
