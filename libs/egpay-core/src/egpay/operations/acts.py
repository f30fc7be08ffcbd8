"""Enter an act: rehearses what an operator decided, records it under its key, and lets it in as an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from egpay.domain.acts import Act, without
from egpay.domain.errors import Refusal
from egpay.domain.values import MessageId
from egpay.operations.dry_run import DryRunResult
from egpay.ports.acts import ActTransaction, OpenActs, StoredAct

EQUAL_WITHIN = timedelta(minutes=10)
"""Within it an equal act is taken for a repetition by mistake, unless it is said to be another one."""

Rehearse: TypeAlias = Callable[[Act], Awaitable[DryRunResult]]
"""Dry-run the event of an act over the books as they stand."""


class EnteredAct(msgspec.Struct, frozen=True, kw_only=True):
    """Result of an act: its key, and what follows by the books as they stood; not `new` when it was entered before."""

    key: MessageId
    entered_at: datetime
    new: bool = True
    outcome: DryRunResult = msgspec.field(default_factory=DryRunResult)


@dataclass(frozen=True, slots=True)
class EnterAct:
    """Enters an act once. The same key with the same act is the same act, whatever was said of who and why.

    Raises Refusal when nothing would come of it, when its key is another act's, or, where the caller chose no key and
    did not say that it is one more, when an equal act was entered within the last ten minutes. What has changed between
    the rehearsal and the event is for its reaction, which then says on the timeline what it did not do.
    """

    opened: OpenActs
    rehearse: Rehearse

    async def __call__(self, act: Act, *, again: bool, dry_run: bool = False) -> EnteredAct:
        """Enter it, or with `dry_run` only tell what would follow; with `again` no equal act is looked for."""
        if not act.why.strip():
            raise Refusal("an act needs a reason")
        async with self.opened() as transaction:
            if known := await _known(transaction, act, again=again):
                return EnteredAct(key=known.key, entered_at=known.at, new=False)
        outcome = await self.rehearse(act)
        if (reason := outcome.refused or outcome.parked) is not None:
            raise Refusal(reason)
        if not dry_run:
            async with self.opened() as transaction:
                await transaction.lock(act)
                if known := await _known(transaction, act, again=again):
                    return EnteredAct(key=known.key, entered_at=known.at, new=False)
                await transaction.enter(act)
        return EnteredAct(key=act.key, entered_at=act.event.occurred_at, outcome=outcome)


async def _known(transaction: ActTransaction, act: Act, *, again: bool) -> StoredAct | None:
    known = await transaction.of_key(act.key)
    if known is not None:
        decided = without(known.arguments, act.seen)
        if (known.kind, known.subject, decided) != (act.kind, act.event.subject, act.decided):
            raise Refusal(f"key {act.key} is that of another act: {known.kind} of {known.subject}")
        return known
    if not again:
        equal = await transaction.equal_since(act, act.event.occurred_at - EQUAL_WITHIN)
        if equal is not None:
            raise Refusal(
                f"an equal act was entered at {equal.at:%H:%M:%S} UTC by {equal.who} under key {equal.key};"
                f" repeat that one with --key {equal.key}, or say --again to do it once more"
            )
    return None
