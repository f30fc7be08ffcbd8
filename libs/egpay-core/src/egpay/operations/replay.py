"""Replay: handles a dead letter or a stored webhook again, once, as if it came today.

It is one transaction, so a message is either a dead letter or in the outbox, never both and never neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import msgspec

from egpay.domain.errors import Defect, Refusal
from egpay.domain.events import BillingEvent, Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, SaleId
from egpay.ports.clock import Clock
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.operator_queries import DeadLetterRecord, StoredWebhook
from egpay.ports.outbox import sale_id_in
from egpay.ports.repair import OpenRepair, RepairTransaction

Translate: TypeAlias = Callable[[StoredWebhook], Receipt]
"""Translate a stored webhook, whose signature was verified on receipt, by today's rules."""


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Replay request: the operator and the reason; both are stored on the timeline."""

    who: str
    why: str | None = None

    def told(self, what: str) -> str:
        """The sentence for the timeline."""
        return f"{what} by {self.who}" + (f": {self.why}" if self.why else "")


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """Replay result: the disposition of the message under this id.

    A message is not published when it is not ours after all, or when `reason` says why it still cannot be
    handled.
    """

    message_id: MessageId
    disposition: Disposition
    reason: str | None = None

    @property
    def done(self) -> bool:
        """Whether it needs no further work."""
        return self.disposition is not Disposition.PARKED


@dataclass(frozen=True, slots=True)
class Replay:
    """Replay: publishes dead letters and stored webhooks again, or drops dead letters."""

    open_repair: OpenRepair
    translations: Mapping[Source, Translate]
    clock: Clock

    async def letter(self, number: int, order: ReplayRequest) -> ReplayResult:
        """Replay a dead letter; its tries count from one again.

        One of the inbox is translated again from its raw body. One of the books loses its claim, under which
        nothing was written. One of an effect is published again, and recognised by its key if it was carried
        out after all.
        """
        async with self.open_repair() as repair:
            letter = await held(repair, number)
            if letter.failed_in == "forged":
                raise Refusal("a forged message is not replayed: drop it, and look for who published it")
            if letter.failed_in == "inbox":
                return await self._understand(repair, letter, order)
            if letter.failed_in == "books":
                await repair.forget_claim(letter.message_id)
            await repair.publish_again(letter)
            await repair.resolve(number, at=self.clock())
            await repair.note(self._entry(letter, "dead_letter.replayed", order.told("sent again")))
            return ReplayResult(message_id=letter.message_id, disposition=Disposition.ACCEPTED)

    async def drop(self, number: int, order: ReplayRequest) -> DeadLetterRecord:
        """Drop a dead letter: it is not handled, and stays stored with the reason."""
        if not order.why:
            raise Refusal("dropping a message needs a reason")
        async with self.open_repair() as repair:
            letter = await held(repair, number)
            await repair.resolve(number, at=self.clock())
            await repair.note(self._entry(letter, "dead_letter.dropped", order.told("dropped")))
            return letter

    async def webhook(self, source: Source, event_id: MessageId, order: ReplayRequest) -> ReplayResult:
        """Replay a stored webhook under a new id, so that it is handled again.

        One that is dead-lettered is replayed as a dead letter.
        """
        async with self.open_repair() as repair:
            stored = await repair.webhook(source, event_id)
            if stored is None:
                raise Refusal(f"there is no webhook {event_id}")
            aside = await repair.letter_about(event_id)
            if aside is None:
                return await self._enter_again(repair, stored, order)
        return await self.letter(aside, order)

    def reading(self, stored: StoredWebhook) -> Receipt:
        """Translate a stored webhook by today's rules."""
        translate = self.translations.get(stored.source)
        if translate is None:
            raise Defect(f"no reader for webhooks of {stored.source}")
        return translate(stored)

    async def _understand(
        self, repair: RepairTransaction, letter: DeadLetterRecord, order: ReplayRequest
    ) -> ReplayResult:
        source = Source(letter.subject.partition(".")[0])
        stored = await repair.webhook(source, letter.message_id)
        if stored is None:
            raise Refusal(f"the webhook of dead letter {letter.id} is no longer kept")
        receipt = self.reading(stored)
        if receipt.disposition is Disposition.PARKED:
            await repair.parked_again(letter.id, receipt.reason or "")
            return _told(receipt, letter.message_id)
        await repair.store(msgspec.structs.replace(receipt, event_id=letter.message_id))
        if receipt.event:
            await repair.publish(msgspec.structs.replace(receipt.event, id=letter.message_id))
        await repair.resolve(letter.id, at=self.clock())
        what = order.told(f"translated again, {receipt.disposition}")
        await repair.note(self._entry(letter, "dead_letter.replayed", what, sale_id=receipt.sale_id))
        return _told(receipt, letter.message_id)

    async def _enter_again(
        self, repair: RepairTransaction, stored: StoredWebhook, order: ReplayRequest
    ) -> ReplayResult:
        receipt = self.reading(stored)
        if receipt.event is None:
            return _told(receipt, stored.event_id)
        again = await repair.next_replay(stored.source, stored.event_id)
        await repair.store(msgspec.structs.replace(receipt, event_id=again))
        event: BillingEvent = msgspec.structs.replace(receipt.event, id=again)
        await repair.publish(event)
        what = order.told("replayed")
        await repair.note(
            _line(receipt.sale_id or again, "event.replayed", what, self.clock(), again, receipt.sale_id)
        )
        return _told(receipt, again)

    def _entry(
        self, letter: DeadLetterRecord, kind: str, what: str, *, sale_id: SaleId | None = None
    ) -> Entry:
        about = sale_id or sale_id_in(letter.payload)
        return _line(about or letter.message_id, kind, what, self.clock(), letter.message_id, about)


async def held(repair: RepairTransaction, number: int) -> DeadLetterRecord:
    """Load and lock a dead letter; raise Refusal when there is none or it is resolved."""
    letter = await repair.hold_letter(number)
    if letter is None:
        raise Refusal(f"there is no dead letter {number}")
    if letter.resolved_at is not None:
        raise Refusal(f"dead letter {number} was dealt with at {letter.resolved_at:%Y-%m-%d %H:%M:%S}")
    return letter


def _told(receipt: Receipt, message_id: MessageId) -> ReplayResult:
    return ReplayResult(message_id=message_id, disposition=receipt.disposition, reason=receipt.reason)


def _line(
    subject: str, kind: str, what: str, at: datetime, cause: MessageId, sale_id: SaleId | None
) -> Entry:
    return Entry(subject=subject, at=at, kind=kind, what=what, cause=cause, sale_id=sale_id)
