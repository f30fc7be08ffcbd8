"""Acts on a case: close it with a reason, or let it wait."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from egpay.adapters.postgres.operator import PostgresCaseQueries
from egpay.adapters.postgres.operator.acts import open_acts
from egpay.domain.acts import PersonalArguments
from egpay.domain.case import Case
from egpay.domain.errors import Refusal
from egpay.domain.events import CaseClosed, CaseSnoozed
from egpay.domain.values import EmailKey, MessageId
from egpay_cli.acts import ActOptions, act_command, enter
from egpay_cli.options import future, span
from egpay_cli.running import database, run

Id = Annotated[str, typer.Argument(help="The id, as `ls` shows it, such as return:sale_...")]


def register(app: typer.Typer) -> None:
    """Add the acts to the commands of cases."""
    app.command("close")(close)
    app.command("snooze")(snooze)


@act_command
def close(
    case_id: Id,
    *,
    options: ActOptions,
) -> None:
    """Close a case. It stays closed for the same facts; a new object or a larger amount opens it again."""
    case, admins = run(lambda: _seen(case_id))
    event = CaseClosed(**_base(case, options))
    enter(event, options, watch=_watch(case), personal=PersonalArguments(admin_keys=admins))


@act_command
def snooze(
    case_id: Id,
    *,
    until: Annotated[str, typer.Option(help="A moment to come, or a span such as 12h or 7d.")],
    options: ActOptions,
) -> None:
    """Leave a case open and raise no alarm for it until then, unless it is due within 48 hours."""
    moment = future(until)
    case, admins = run(lambda: _seen(case_id))
    if options.key is not None and (length := span(until)) is not None:
        moment = run(lambda: _meant_before(options.new_key(), length)) or moment
    event = CaseSnoozed(**_base(case, options), until=moment)
    enter(event, options, watch=_watch(case), personal=PersonalArguments(admin_keys=admins))


async def _meant_before(key: MessageId, length: timedelta) -> datetime | None:
    """The end of the same span from when the act of this key was entered: told once more, it is still that act."""
    async with database() as engine, open_acts(engine)() as transaction:
        known = await transaction.of_key(key)
    if known is None or "until" not in known.arguments:
        return None
    until = datetime.fromisoformat(known.arguments["until"])
    return until if abs(until - known.at - length) < timedelta(minutes=1) else None


async def _seen(case_id: str) -> tuple[Case, tuple[EmailKey, ...]]:
    async with database() as engine:
        queries = PostgresCaseQueries(engine)
        record = await queries.case(case_id)
        if record is None:
            raise Refusal(f"there is no case {case_id}")
        return record.case, tuple(await queries.admins(record.case))


def _base(case: Case, options: ActOptions) -> dict[str, Any]:
    return {
        **options.header(),
        "sale_id": case.sale_id,
        "case_id": case.id,
        "case_subject": case.subject,
        "weight": case.weight,
        "about": case.about,
    }


def _watch(case: Case) -> str:
    return f"egpay cases show {case.id}"
