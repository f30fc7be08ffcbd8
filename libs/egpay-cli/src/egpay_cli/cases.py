"""Case commands: list and show what only a person can settle."""

from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.postgres.operator import PostgresCaseQueries
from egpay.adapters.system.clock import utc_now
from egpay.domain.case import Case, CaseKind, CaseParty
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.ports.cases import CaseFilter, CaseRecord
from egpay_cli import case_acts
from egpay_cli.options import AsJson
from egpay_cli.output import Cell, Row, print_record, print_section, print_table
from egpay_cli.running import database, run, say_json

app = typer.Typer(no_args_is_help=True, help="Cases that only a person can settle.")
case_acts.register(app)


@app.command("ls")
def listed(
    *,
    kind: Annotated[CaseKind | None, typer.Option(help="Only those of this kind.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also closed ones.")] = False,
    sale: Annotated[str | None, typer.Option(help="Only those of this sale and its organisation.")] = None,
    as_json: AsJson = False,
) -> None:
    """List open cases, the one that is due first at the top."""
    wanted = CaseFilter(kind=kind, sale_id=SaleId(sale) if sale else None, closed=everything)
    found = run(lambda: _list(wanted))
    if as_json:
        say_json([_content(record) for record in found])
        return
    print_table(
        ("id", "whose", "since", "due", "state", "what", "to do"),
        [_row(record) for record in found],
        empty="there is no case" if everything else "no case is open",
    )


@app.command()
def show(case_id: case_acts.Id, *, as_json: AsJson = False) -> None:
    """Show one case and its timeline."""
    record, lines = run(lambda: _show(case_id))
    if as_json:
        say_json({**_content(record), "timeline": lines})
        return
    print_record({name: value for name, value in _content(record).items() if value != 0})
    print_section(
        "timeline",
        ("at", "kind", "what", "cause"),
        [(line.at, line.kind, line.what, line.cause) for line in lines],
    )


async def _list(wanted: CaseFilter) -> list[CaseRecord]:
    async with database() as engine:
        return list(await PostgresCaseQueries(engine).cases(wanted))


async def _show(case_id: str) -> tuple[CaseRecord, list[Entry]]:
    async with database() as engine:
        queries = PostgresCaseQueries(engine)
        record = await queries.case(case_id)
        if record is None:
            raise Refusal(f"there is no case {case_id}")
        return record, list(await queries.lines(record.case))


def _row(record: CaseRecord) -> Row:
    case = record.case
    ours = case.is_open and case.waits_for is CaseParty.US
    since, due = (f"{at:%Y-%m-%d %H:%M}" if at else None for at in (case.opened_at, case.due_by))
    return (
        Cell(case.id, "wrong" if ours else "plain"),
        record.whose,
        since,
        due,
        _state(case),
        case.what,
        case.todo,
    )


def _state(case: Case) -> str:
    if not case.is_open:
        return f"closed by {'a person' if case.is_settled else 'the rule'}: {case.closed_because}"
    if case.snoozed_until is not None and case.snoozed_until > utc_now():
        return f"snoozed until {case.snoozed_until:%Y-%m-%d %H:%M}: {case.snoozed_because}"
    return f"waits for {'us' if case.waits_for is CaseParty.US else 'the bank'}"


def _content(record: CaseRecord) -> dict[str, Any]:
    facts = msgspec.to_builtins(record.case)
    return {"organisation": record.organisation, "state": _state(record.case), **facts}
