"""Reconcile command: loads what no webhook brought from Stripe, records it, and prints each finding."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

import msgspec
import typer

from egpay.adapters.system.clock import utc_now
from egpay.domain.errors import Outage
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.operations.replay import ReplayRequest
from egpay.ports.reconciliation import LeaderLock
from egpay.reconciliation import CompareObjects, PollEvents, Report
from egpay_cli.introductions import introduce_adopted, print_introductions
from egpay_cli.options import AsJson, Reason, order
from egpay_cli.output import print_table, progress
from egpay_cli.running import database, run, say, say_json

SWEEPS = ("events", "sessions", "snapshot")
PATIENCE = 60.0
"""Seconds to wait for another reconciler to end."""

Only = Annotated[
    list[str] | None, typer.Option(help="events, sessions or snapshot; all of them unless given.")
]
Introducing = Annotated[
    bool,
    typer.Option(
        "--introduce", help="Instead, invite the owners of adopted subscriptions, who got no e-mail."
    ),
]
RehearsingIntroduction = Annotated[
    bool, typer.Option("--dry-run", help="With --introduce: only tell who would be invited.")
]


def reconcile(
    *,
    only: Only = None,
    settle: Annotated[
        int, typer.Option(min=0, help="Leave events younger than so many seconds to their webhooks.")
    ] = 0,
    introduce: Introducing = False,
    dry_run: RehearsingIntroduction = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Find what no webhook told us and enter it by the webhook's own door. May be run at any time, as often as one
    likes: what is known already changes nothing.

    events: Stripe's list of the last 30 days, since the last sweep. sessions: Checkouts of sales that still wait.
    snapshot: every subscription and every paid invoice, for what is older than Stripe's list; disputes, refunds, open
    reviews, early fraud warnings, credit notes and open invoices are recorded.
    """
    if introduce:
        _introduce(only, reason, dry_run=dry_run, as_json=as_json)
        return
    if dry_run:
        raise typer.BadParameter("--dry-run goes with --introduce only")
    chosen = tuple(only or SWEEPS)
    if wrong := set(chosen) - set(SWEEPS):
        raise typer.BadParameter(f"there is no sweep {', '.join(sorted(wrong))}")
    report = run(lambda: _reconcile(chosen, timedelta(seconds=settle), order(reason)))
    _print(report, as_json=as_json)


def _print(report: Report, *, as_json: bool) -> None:
    counts = Counter(finding.kind.value for finding in report.findings)
    if as_json:
        found = msgspec.to_builtins(report.findings)
        say_json({"looked_at": report.looked_at, "found": counts, "findings": found})
        return
    print_table(
        ("finding", "occurred", "type", "id", "sale", "what"),
        [
            (one.kind.value, one.occurred_at, one.type, one.event_id, one.sale_id, one.what)
            for one in report.findings
        ],
    )
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "nothing was missing"
    say(f"looked at {report.looked_at}: {words}")


def _introduce(only: list[str] | None, reason: str | None, *, dry_run: bool, as_json: bool) -> None:
    if only:
        raise typer.BadParameter("--introduce looks for nothing else: leave --only out")
    if reason is None and not dry_run:
        raise typer.BadParameter("--introduce writes to people: say why with --reason")
    found = run(lambda: introduce_adopted(order(reason), dry_run=dry_run))
    print_introductions(found, dry_run=dry_run, as_json=as_json)


async def _reconcile(chosen: tuple[str, ...], settle: timedelta, wanted: ReplayRequest) -> Report:
    from egpay.adapters.postgres.connection.pool import create_pool
    from egpay.adapters.postgres.inbox import PostgresInbox
    from egpay.adapters.postgres.reconciliation import PostgresLeaderLock, PostgresReconciliationState
    from egpay.adapters.stripe.outbound.history import StripeHistory
    from egpay.settings import from_env
    from egpay_cli.settings import ReconcileSettings

    settings = from_env(ReconcileSettings)
    url = settings.database_url.reveal()
    history = StripeHistory.connect(
        secret_key=settings.stripe_secret_key.reveal(), clock=utc_now, api_base=settings.stripe_api_base
    )
    try:
        async with (
            create_pool(url, name="egpay-cli", size=2, statement_timeout=60.0) as pool,
            _alone(PostgresLeaderLock(url, "reconcile")),
        ):
            ledger, inbox = PostgresReconciliationState(pool), PostgresInbox(pool)
            poll = PollEvents(history, ledger, inbox, utc_now, settle=settle)
            compare = CompareObjects(history, ledger, inbox, utc_now)
            report = await _sweeps(chosen, poll, compare)
    finally:
        await history.aclose()
    await _note(report, chosen, wanted)
    return report


async def _sweeps(chosen: tuple[str, ...], poll: PollEvents, compare: CompareObjects) -> Report:
    """Run the sweeps, events first, because what they report the objects need not."""
    sweeps: Mapping[str, Callable[[], Awaitable[Report]]] = {
        "events": poll,
        "sessions": lambda: compare.sessions(every=True),
        "snapshot": compare.snapshot,
    }
    report = Report()
    with progress("asking Stripe", len(chosen)) as step:
        for name, sweep in sweeps.items():
            if name in chosen:
                report += await sweep()
                step(name)
    return report


@asynccontextmanager
async def _alone(leadership: LeaderLock) -> AsyncIterator[None]:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        async with leadership.held() as leads:
            if leads:
                yield
                return
        if asyncio.get_running_loop().time() > deadline:
            raise Outage("another reconciler is at work; its findings are in `egpay doctor`")
        await asyncio.sleep(0.5)


async def _note(report: Report, chosen: tuple[str, ...], wanted: ReplayRequest) -> None:
    """Add a timeline entry when something was recorded."""
    from egpay.adapters.postgres.unit_of_work import unit_of_work

    if not report.findings:
        return
    what = wanted.told(f"reconciled {', '.join(chosen)}: {len(report.findings)} found")
    at = utc_now()
    line = Entry(
        subject="reconcile",
        at=at,
        kind="reconciled",
        what=what,
        cause=MessageId(f"reconcile:{at:%Y%m%dT%H%M%S}"),
    )
    async with database() as engine, unit_of_work(engine)() as uow:
        await uow.timeline.note(line)
