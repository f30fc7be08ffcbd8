"""Case check: names each case that waits for us too long or is due soon, and says what to do."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.postgres.connection.pool import create_engine, create_pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.adapters.postgres.operator import PostgresCaseQueries
from egpay.adapters.system.clock import utc_now
from egpay.domain.case_alarm import raises_alarm
from egpay.ports.cases import CaseFilter, CaseRecord
from egpay_cli.doctor.finding import Sign, note, ok, wrong
from egpay_cli.settings import DoctorSettings

MOST = 20
"""Cases that are named; `egpay cases ls` has all."""


async def look_at_cases(settings: DoctorSettings) -> Sequence[Sign]:
    """Check the open cases against CASE_ALARM_HOURS. Raises Outage when the database does not answer."""
    found = await _open_cases(settings.database_url.reveal())
    if found is None:
        return []
    now, patience = utc_now(), timedelta(hours=settings.case_alarm_hours)
    late = [record for record in found if raises_alarm(record.case, at=now, patience=patience)]
    if not late:
        words = f"{len(found)} open, none waits too long"
        return [note("cases", words) if found else ok("cases", "none is open")]
    more = len(late) - MOST
    rest = [wrong("cases", f"and {more} more; `egpay cases ls` lists all")] if more > 0 else []
    return [*(wrong("cases", _words(record)) for record in late[:MOST]), *rest]


async def _open_cases(url: str) -> Sequence[CaseRecord] | None:
    """Load them; None while the schema is behind, which the database check reports."""
    async with create_pool(url, name="egpay-doctor", size=1, statement_timeout=30.0) as pool:
        if await behind(pool):
            return None
    engine = create_engine(url, name="egpay-doctor", size=1, statement_timeout=30.0)
    try:
        return await PostgresCaseQueries(engine).cases(CaseFilter())
    finally:
        await engine.dispose()


def _words(record: CaseRecord) -> str:
    case = record.case
    due = f", due by {case.due_by:%Y-%m-%d %H:%M}" if case.due_by else ""
    return (
        f"{case.kind.value} of {record.whose} since {case.opened_at:%Y-%m-%d %H:%M}{due}: {case.what}; "
        f"{case.todo} (`egpay cases show {case.id}`)"
    )
