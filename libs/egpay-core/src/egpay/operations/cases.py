"""Case acts: an operator closes or snoozes a case, with a reason that stays on its timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from egpay.domain.case import Case, CaseCloser
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.operations.replay import ReplayRequest
from egpay.ports.cases import CaseTransaction, OpenCaseTransaction
from egpay.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class CaseActs:
    """Acts on one case; with `dry` the case is returned as it would be, and nothing is stored.

    A closing covers the facts of this moment: a worker that learns the same ones leaves the case closed.
    """

    open_transaction: OpenCaseTransaction
    clock: Clock

    async def close(self, case_id: str, request: ReplayRequest, *, dry: bool = False) -> Case:
        """Close a case for the facts that it states. Raises Refusal when it is not open."""
        now = self.clock()
        why = _reason(request)
        return await self._act(
            case_id,
            lambda case: case.closed(now, CaseCloser.PERSON, why),
            ("case.closed", request.told("closed")),
            dry=dry,
        )

    async def snooze(
        self, case_id: str, until: datetime, request: ReplayRequest, *, dry: bool = False
    ) -> Case:
        """Leave a case open without an alarm until then. Raises Refusal when it is not open, or the time is past."""
        if until <= self.clock():
            raise Refusal(f"{until:%Y-%m-%d %H:%M} is past: a case is snoozed until a time to come")
        why, words = _reason(request), request.told(f"snoozed until {until:%Y-%m-%d %H:%M} UTC")
        return await self._act(
            case_id, lambda case: case.snoozed(until, why), ("case.snoozed", words), dry=dry
        )

    async def _act(
        self, case_id: str, change: Callable[[Case], Case], line: tuple[str, str], *, dry: bool
    ) -> Case:
        async with self.open_transaction() as transaction:
            after = change(await _held(transaction, case_id))
            if dry:
                return after
            await transaction.store(after)
            kind, words = line
            entry = Entry(
                subject=after.subject,
                sale_id=after.sale_id,
                at=self.clock(),
                kind=kind,
                what=f"{after.kind.value}: {words}",
            )
            await transaction.note(entry)
        return after


async def _held(transaction: CaseTransaction, case_id: str) -> Case:
    case = await transaction.hold(case_id)
    if case is None:
        raise Refusal(f"there is no case {case_id}")
    if case.closed_at is not None:
        raise Refusal(f"case {case_id} was closed at {case.closed_at:%Y-%m-%d %H:%M}: {case.closed_because}")
    return case


def _reason(request: ReplayRequest) -> str:
    if not (request.why and request.why.strip()):
        raise Refusal("closing or snoozing a case needs a reason")
    return request.why
