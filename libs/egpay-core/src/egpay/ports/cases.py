"""Cases of the operator: read them, and find whom an act on one concerns."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from egpay.domain.case import Case, CaseKind
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, SaleId


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Case as an operator reads it, with the name of the organisation that it concerns, where one is known."""

    case: Case
    organisation: str | None = None

    @property
    def whose(self) -> str:
        """Organisation and sale, or what else the case is about."""
        about = self.case.sale_id or self.case.subject
        return f"{self.organisation} ({about})" if self.organisation else about


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Case filter; `sale_id` also finds the cases of the organisation that the sale opened."""

    kind: CaseKind | None = None
    sale_id: SaleId | None = None
    closed: bool = False
    """Whether closed cases are included."""


class OpenCases(msgspec.Struct, frozen=True, kw_only=True):
    """Open cases of one kind: how many there are, and the age of the oldest in seconds."""

    count: int
    oldest_seconds: float


class CaseQueries(Protocol):
    """Case queries of the operator, read-only; Outage when the database is away."""

    async def cases(self, wanted: CaseFilter) -> Sequence[CaseRecord]:
        """The cases that match, the most urgent first: by the time they are due, then the oldest."""
        ...

    async def case(self, case_id: str) -> CaseRecord | None:
        """One case by its id."""
        ...

    async def admins(self, case: Case) -> Sequence[EmailKey]:
        """The e-mails of the admins of what a case is about."""
        ...

    async def lines(self, case: Case) -> Sequence[Entry]:
        """The timeline entries about this case, oldest first."""
        ...


class CaseStats(Protocol):
    """Case statistics, for the metrics."""

    async def open_cases(self) -> Mapping[CaseKind, OpenCases]:
        """Count the open cases by kind; a kind without one is absent."""
        ...
