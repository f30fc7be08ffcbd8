"""In-memory books: claims, loads, folds and saves a batch exactly as PostgreSQL does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_fields
from itertools import product

from msgspec.structs import replace

from egpay.adapters import wire
from egpay.domain.books import Records
from egpay.domain.commands import ExpireCheckoutPages, again_invited
from egpay.domain.events import BillingEvent, Source
from egpay.domain.foreign import TRACED, customer_of
from egpay.domain.order import fold_name
from egpay.domain.outcome import Fold, Outcome
from egpay.domain.public_events import object_of
from egpay.domain.values import MessageId
from egpay.domain.working_set import keys_in, keys_in_acts, resolve_sales
from egpay.ports.books import BatchResult, types_of
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition
from egpay.testing.memory.inbox import park
from egpay.testing.memory.store import MemoryStore, Tables
from egpay.testing.memory.working_set import acts_of, buyer_emails, load


@dataclass(frozen=True, slots=True)
class MemoryBooks:
    """Port `BookKeeping` over a MemoryStore: fast among few records, not made for thousands.

    It never waits while it is alone, and takes some 50 µs an event among few records; but it looks up by
    scanning all of them."""

    store: MemoryStore

    async def apply(
        self, events: Sequence[BillingEvent], fold: Fold, *, payloads: Sequence[bytes] | None
    ) -> BatchResult:
        """Apply a batch, all or nothing: when the fold raises, nothing is written."""
        async with self.store.turn() as tables:
            forged = _forged(tables, events, payloads)
            genuine = [event for position, event in enumerate(events) if position not in forged]
            new = _unseen(tables, genuine)
            if not new:
                return BatchResult(seen=len(genuine), forged=forged)
            acts = acts_of(tables, new)
            reach = keys_in(new) | keys_in_acts(acts.values())
            loaded = load(tables, reach, frozenset(filter(None, map(customer_of, new))))
            loaded.acts.update(acts)
            outcome = fold(resolve_sales(new, loaded), loaded, buyer_emails(tables, new))
            tables.processed_messages.update(dict.fromkeys(event.id for event in new))
            _save(tables, outcome)
        parked = tuple(one.event.id for one in outcome.parked)
        return BatchResult(
            done=len(new) - len(parked),
            seen=len(genuine) - len(new),
            parked=parked,
            forged=forged,
            foreign=types_of(outcome),
        )


def _forged(
    tables: Tables, events: Sequence[BillingEvent], payloads: Sequence[bytes] | None
) -> tuple[int, ...]:
    return tuple(
        position
        for position, (event, payload) in enumerate(zip(events, payloads or (), strict=False))
        if (stored := tables.outbox.get(event.id)) is None or stored.payload != payload
    )


def _unseen(tables: Tables, events: Sequence[BillingEvent]) -> list[BillingEvent]:
    once: dict[MessageId, BillingEvent] = {}
    for event in events:
        if event.id not in tables.processed_messages:
            once.setdefault(event.id, event)
    return list(once.values())


def _link_devices(tables: Tables, written: Records) -> None:
    """Link devices that were paid for before their account was opened, of sales that the batch did not load."""
    opened = {
        (one.admin.email_key, fold_name(one.organisation.name)): key for key, one in written.accounts.items()
    }
    for key, sale in tables.sales.items():
        organisation = opened.get((sale.email_key, fold_name(sale.organisation)))
        if organisation and sale.awaits_organisation and key not in written.sales:
            tables.sales[key] = replace(sale, organisation_id=organisation)


def _dispose(tables: Tables, reasons: Mapping[MessageId, str | None]) -> None:
    """Write into the inbox that an event is foreign and why, or, without a reason, that it is ours after all."""
    for name, reason in reasons.items():
        for key in product((Source.STRIPE, Source.RECONCILE), {name, MessageId(name.removesuffix(TRACED))}):
            if (receipt := tables.webhook_events.get(key)) is not None:
                disposition = Disposition.IGNORED if reason else Disposition.ACCEPTED
                tables.webhook_events[key] = replace(receipt, disposition=disposition, reason=reason)


def _link_customers(tables: Tables, outcome: Outcome) -> None:
    for command in outcome.commands:
        if isinstance(command, ExpireCheckoutPages):
            subscription = outcome.written.subscriptions.get(command.subscription_id)
            customer = subscription.customer_id if subscription else None
            if subscription and customer in tables.customers:
                tables.customers[customer] = with_fields(
                    tables.customers[customer], organisation_id=subscription.organisation_id
                )


def _expire_invitations(tables: Tables, outcome: Outcome) -> None:
    """End the links of those whom an operator has invited again, as of that act."""
    for command in again_invited(outcome.commands):
        account = tables.accounts.get(command.organisation_id)
        for key, one in tables.invitations.items():
            if account and one.user_id == account.admin.id:
                ended = min(one.expires_at, command.occurred_at)
                tables.invitations[key] = replace(one, expires_at=ended)


def _save(tables: Tables, outcome: Outcome) -> None:
    written = outcome.written
    tables.sales.update({key: sale for key, sale in written.sales.items() if key in tables.sales})
    tables.subscriptions.update(written.subscriptions)
    tables.accounts.update(written.accounts)
    _expire_invitations(tables, outcome)
    _link_customers(tables, outcome)
    _link_devices(tables, written)
    tables.payments.update(written.payments)
    tables.shipments.update(written.shipments)
    tables.cases.update(written.cases)
    tables.accesses.update(written.accesses)
    for name in outcome.readmitted:
        del tables.foreign[name]
    tables.foreign.update({key: one for key, one in written.foreign.items() if one.about})
    _dispose(
        tables, dict.fromkeys(outcome.readmitted) | {one.id: one.reason for one in written.foreign.values()}
    )
    tables.note(*outcome.entries)
    tables.put(*wire.command_messages(outcome.commands), *wire.public_messages(outcome.public_events))
    tables.news.update({object_of(event): event for event in outcome.public_events})
    for parked in outcome.parked:
        message = wire.event_message(parked.event)
        park(
            tables,
            DeadLetter(
                message_id=message.id,
                subject=message.subject,
                payload=message.payload,
                reason=parked.reason,
                trace=parked.trace,
                failed_in="books",
            ),
        )
