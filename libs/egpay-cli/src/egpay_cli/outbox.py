"""Outbox command: republishes what the broker lost before it was processed, from PostgreSQL."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from egpay.adapters.system.clock import utc_now
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.operations.replay import ReplayRequest
from egpay.ports.reconciliation import Finding
from egpay.reconciliation.republishing import NEWS, PROCESSED, Republish, finding
from egpay_cli.options import AsJson, Reason, moment, order
from egpay_cli.output import print_table
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Messages on their way to the broker.")
MOST_SHOWN = 1000


@app.callback()
def outbox() -> None:
    """Look after messages that were published."""


@app.command()
def republish(
    *,
    older_than: Annotated[str, typer.Option(help="Published longer ago than this.")] = "15m",
    within: Annotated[
        str, typer.Option(help="And not longer ago than this; at most for as long as KEEP_PROCESSED_DAYS.")
    ] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be sent.")] = False,
    news: Annotated[
        bool, typer.Option("--news", help="Also what the product reads, whether it has read it or not.")
    ] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Send again what was published and never worked on. What lies in the dead letters is left alone.

    What still waits before a worker is sent twice, which is harmless: an event is claimed by its id, a command bears a
    key. A dry run shows 1,000 messages at most.
    """
    until, since = moment(older_than), moment(within)
    if until is None or since is None or since >= until:
        raise typer.BadParameter("--within must reach further back than --older-than")
    found = run(
        lambda: _republish(
            since, until, order(reason), subjects=(*PROCESSED, NEWS) if news else PROCESSED, dry_run=dry_run
        )
    )
    if as_json:
        say_json({"sent": not dry_run, "messages": msgspec.to_builtins(found)})
        return
    print_table(
        ("published", "type", "id", "sale"),
        [(each.occurred_at, each.type, each.event_id, each.sale_id) for each in found],
    )
    counts = Counter(each.type for each in found)
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "nothing was lost"
    say(f"{'would be sent' if dry_run else 'sent'} again: {words}" if found else words)


async def _republish(
    since: datetime, until: datetime, wanted: ReplayRequest, *, subjects: Sequence[str], dry_run: bool
) -> tuple[Finding, ...]:
    from egpay.adapters.postgres.connection.pool import create_pool
    from egpay.adapters.postgres.connection.schema_version import behind
    from egpay.adapters.postgres.outbox import PostgresPublishedMessages
    from egpay.adapters.postgres.reconciliation import PostgresReconciliationState
    from egpay.settings import from_env
    from egpay_cli.settings import OperatorSettings

    url = from_env(OperatorSettings).database_url.reveal()
    async with create_pool(url, name="egpay-cli", size=2, statement_timeout=60.0) as pool:
        if fault := await behind(pool):
            raise Refusal(fault)
        sent = PostgresPublishedMessages(pool)
        if dry_run:
            lost = await sent.unprocessed(subjects, since=since, until=until, most=MOST_SHOWN)
            return tuple(map(finding, lost))
        report = await Republish(sent, PostgresReconciliationState(pool))(since, until, subjects=subjects)
    await _note(len(report.findings), wanted)
    return report.findings


async def _note(count: int, wanted: ReplayRequest) -> None:
    """Add a timeline entry when something was republished."""
    from egpay.adapters.postgres.unit_of_work import unit_of_work

    if not count:
        return
    at = utc_now()
    line = Entry(
        subject="outbox",
        at=at,
        kind="outbox.republished",
        what=wanted.told(f"{count} messages sent again"),
        cause=MessageId(f"republish:{at:%Y%m%dT%H%M%S}"),
    )
    async with database() as engine, unit_of_work(engine)() as uow:
        await uow.timeline.note(line)
