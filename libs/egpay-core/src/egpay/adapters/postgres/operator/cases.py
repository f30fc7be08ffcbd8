"""Operator's cases: lists and shows them, and closes or snoozes one under the locks of the worker."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.schema.tables import cases, timeline
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.case import Case
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey
from egpay.ports.cases import CaseFilter, CaseRecord, OpenCaseTransaction

# Whose a case is: its subject is an organisation, a sale, a subscription, or a payment of one of these.
RECORDS = f"""
    SELECT {fields(Case, "cases")}, coalesce(
        (SELECT name FROM organisations WHERE id = cases.subject),
        (SELECT organisation FROM sales WHERE id IN (cases.sale_id, cases.subject) LIMIT 1),
        (SELECT name FROM organisations WHERE id IN (
            SELECT organisation_id FROM subscriptions WHERE id = cases.subject
               OR id IN (SELECT subscription_id FROM payments WHERE id = cases.subject)
        ) LIMIT 1),
        (SELECT organisation FROM owners WHERE subscription_id = cases.subject)
    ) AS organisation
    FROM cases
"""  # noqa: S608 - built from names of fields only
LISTED = text(f"""
    {RECORDS}
    WHERE (CAST(:closed AS boolean) OR closed_at IS NULL)
      AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:sale AS text) IS NULL OR sale_id = :sale OR subject = :sale
           OR subject IN (SELECT organisation_id FROM subscriptions WHERE sale_id = :sale))
    ORDER BY closed_at IS NOT NULL, due_by NULLS LAST, opened_at, id
""")  # noqa: S608 - the same
ONE = text(f"{RECORDS} WHERE id = :id")

# A worker that may write the case holds the lock of an admin's e-mail, of the subscription or of the invoice.
KEYS = text("""
    SELECT email_key FROM sales WHERE id IN (:sale, :subject)
    UNION SELECT email_key FROM users WHERE organisation_id = :subject
""")
TAKE = text(advisory_locks.TAKE.replace("$1::text[]", "CAST(:names AS text[])"))

ACTED = ("closed_at", "closed_by", "closed_because", "snoozed_until", "snoozed_because")
"""Columns that an operator changes; what a case says is the rule's."""


class PostgresCaseQueries(msgspec.Struct, frozen=True):
    """Port `CaseQueries` over PostgreSQL."""

    engine: AsyncEngine

    async def cases(self, wanted: CaseFilter) -> Sequence[CaseRecord]:
        """The cases that match, the most urgent first."""
        kind = wanted.kind.value if wanted.kind else None
        parameters = {"closed": wanted.closed, "kind": kind, "sale": wanted.sale_id}
        return await self._read(LISTED, parameters)

    async def case(self, case_id: str) -> CaseRecord | None:
        """One case by its id."""
        return next(iter(await self._read(ONE, {"id": sanitize_text(case_id)})), None)

    async def lines(self, case: Case) -> Sequence[Entry]:
        """The timeline entries about this case, oldest first."""
        query = select(*columns(timeline, Entry)).where(
            timeline.c.subject == case.subject,
            timeline.c.kind.startswith("case.", autoescape=True),
            timeline.c.what.startswith(f"{case.kind.value}: ", autoescape=True),
        )
        with mapped_errors():
            async with self.engine.connect() as connection:
                found = await connection.execute(query.order_by(timeline.c.id))
                return [value(one, Entry) for one in found.mappings()]

    async def _read(self, query: Any, parameters: dict[str, Any]) -> list[CaseRecord]:
        with mapped_errors():
            async with self.engine.connect() as connection:
                found = (await connection.execute(query, parameters)).mappings()
                return [_record(one) for one in found]


def open_case_transaction(engine: AsyncEngine) -> OpenCaseTransaction:
    """Open transactions on this engine."""
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator["PostgresCaseTransaction"]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield PostgresCaseTransaction(connection)


class PostgresCaseTransaction(msgspec.Struct, frozen=True):
    """Port `CaseTransaction` over one connection."""

    connection: AsyncConnection

    async def hold(self, case_id: str) -> Case | None:
        """Lock and load a case: what a worker read before is written by then, and it reads again afterwards."""
        known = await self._case(case_id)
        if known is None:
            return None
        parameters = {"sale": known.sale_id, "subject": known.subject}
        keys = await self.connection.scalars(KEYS, parameters)
        names = [advisory_locks.account(EmailKey(key)) for key in keys]
        names += [f"{kind}:{known.subject}" for kind in ("subscription", "invoice", "sale")]
        await self.connection.execute(TAKE, {"names": names})
        return await self._case(case_id)

    async def store(self, case: Case) -> None:
        """Update what an operator decides about a case."""
        facts = {name: getattr(case, name) for name in ACTED}
        query = update(cases).where(cases.c.id == case.id).values(**facts, updated_at=func.now())
        await self.connection.execute(query)

    async def note(self, entry: Entry) -> None:
        """Append a timeline entry."""
        await self.connection.execute(insert(timeline).values(**row(entry)))

    async def _case(self, case_id: str) -> Case | None:
        query = select(*columns(cases, Case)).where(cases.c.id == sanitize_text(case_id))
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, Case)


def _record(found: RowMapping) -> CaseRecord:
    return CaseRecord(case=value(found, Case), organisation=found["organisation"])
