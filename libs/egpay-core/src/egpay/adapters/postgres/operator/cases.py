"""Operator's cases: lists and shows them, and closes or snoozes one under the locks of the worker."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.schema.tables import timeline
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.case import Case
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey
from egpay.ports.cases import CaseFilter, CaseRecord

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

# The admins of what a case is about: its worker holds the locks of their e-mails.
KEYS = text("""
    SELECT email_key FROM sales WHERE id IN (:sale, :subject)
    UNION SELECT email_key FROM users JOIN memberships ON memberships.user_id = users.id
    WHERE memberships.organisation_id = :subject
""")


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

    async def admins(self, case: Case) -> Sequence[EmailKey]:
        """The e-mails of the admins of what a case is about."""
        with mapped_errors():
            async with self.engine.connect() as connection:
                found = await connection.scalars(KEYS, {"sale": case.sale_id, "subject": case.subject})
                return [EmailKey(key) for key in sorted(found)]

    async def _read(self, query: Any, parameters: dict[str, Any]) -> list[CaseRecord]:
        with mapped_errors():
            async with self.engine.connect() as connection:
                found = (await connection.execute(query, parameters)).mappings()
                return [_record(one) for one in found]


def _record(found: RowMapping) -> CaseRecord:
    return CaseRecord(case=value(found, Case), organisation=found["organisation"])
