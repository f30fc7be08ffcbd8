"""Case commands: list, show, close with a reason, or snooze what only a person can settle."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.postgres.operator import PostgresCaseQueries, open_case_transaction
from egpay.adapters.system.clock import utc_now
from egpay.domain.case import Case, CaseKind, CaseParty
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.operations.cases import CaseActs
from egpay.ports.cases import CaseFilter, CaseRecord
from egpay_cli.options import AsJson, NeededReason, future, order
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Cases that only a person can settle.")
Id = Annotated[str, typer.Argument(help="The id, as `ls` shows it, such as return:sale_...")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]


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
    for record in found:
        _print_line(record)
    if not found:
        say("no case is open" if not everything else "there is no case")


@app.command()
def show(case_id: Id, *, as_json: AsJson = False) -> None:
    """Show one case and its timeline."""
    record, lines = run(lambda: _show(case_id))
    if as_json:
        say_json({**_content(record), "timeline": lines})
        return
    for name, value in _content(record).items():
        if value not in (None, "", (), 0):
            say(
                f"{name.replace('_', ' '):16} {', '.join(value) if isinstance(value, list | tuple) else value}"
            )
    for line in lines:
        say(f"  {line.at:%Y-%m-%d %H:%M:%S}  {line.kind:14} {line.what}  ({line.cause or '-'})")


@app.command()
def close(case_id: Id, *, reason: NeededReason, dry: Dry = False, as_json: AsJson = False) -> None:
    """Close a case. It stays closed for the same facts; a new object or a larger amount opens it again."""
    case = run(lambda: _close(case_id, reason, dry=dry))
    _print_act(case, f"{'would be ' if dry else ''}closed: {reason}", dry=dry, as_json=as_json)


@app.command()
def snooze(
    case_id: Id,
    *,
    until: Annotated[str, typer.Option(help="A moment to come, or a span such as 12h or 7d.")],
    reason: NeededReason,
    dry: Dry = False,
    as_json: AsJson = False,
) -> None:
    """Leave a case open and raise no alarm for it until then, unless it is due within 48 hours."""
    moment = future(until)
    case = run(lambda: _snooze(case_id, reason, moment, dry=dry))
    words = f"{'would be ' if dry else ''}snoozed until {moment:%Y-%m-%d %H:%M} UTC: {reason}"
    _print_act(case, words, dry=dry, as_json=as_json)


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


async def _close(case_id: str, reason: str, *, dry: bool) -> Case:
    async with database() as engine:
        return await CaseActs(open_case_transaction(engine), utc_now).close(case_id, order(reason), dry=dry)


async def _snooze(case_id: str, reason: str, until: datetime, *, dry: bool) -> Case:
    async with database() as engine:
        acts = CaseActs(open_case_transaction(engine), utc_now)
        return await acts.snooze(case_id, until, order(reason), dry=dry)


def _print_act(case: Case, words: str, *, dry: bool, as_json: bool) -> None:
    if as_json:
        say_json({**_content(CaseRecord(case=case)), "dry_run": dry})
    else:
        say(f"{case.id}  {words}")


def _print_line(record: CaseRecord) -> None:
    case = record.case
    due = f"{case.due_by:%Y-%m-%d %H:%M}" if case.due_by else "-"
    say(
        f"{case.kind.value:20}  {record.whose}  since {case.opened_at:%Y-%m-%d %H:%M}  due {due}  {_state(case)}"
    )
    say(f"  {case.id}: {case.what}")
    say(f"  to do: {case.todo}")


def _state(case: Case) -> str:
    if not case.is_open:
        return f"closed by {'a person' if case.is_settled else 'the rule'}: {case.closed_because}"
    if case.snoozed_until is not None and case.snoozed_until > utc_now():
        return f"snoozed until {case.snoozed_until:%Y-%m-%d %H:%M}: {case.snoozed_because}"
    return f"waits for {'us' if case.waits_for is CaseParty.US else 'the bank'}"


def _content(record: CaseRecord) -> dict[str, Any]:
    facts = msgspec.to_builtins(record.case)
    return {"organisation": record.organisation, "state": _state(record.case), **facts}
