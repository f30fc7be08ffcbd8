"""Database check: schema revision, rights of the roles and no more, and what waits too long."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.connection.schema_version import behind, current
from egpay.adapters.postgres.operator.checks import PostgresChecks
from egpay.adapters.postgres.outbox import PostgresOutbox, PostgresPublishedMessages
from egpay.adapters.postgres.provider_status import provider_states
from egpay.adapters.postgres.reconciliation import PostgresReconciliationState
from egpay.adapters.system.clock import utc_now
from egpay.ports.provider_status import ProviderState
from egpay.reconciliation.republishing import LATE, PROCESSED
from egpay_cli.doctor.commands import look_at_checkouts, look_at_commands
from egpay_cli.doctor.finding import Sign, listed, note, ok, wrong
from egpay_cli.settings import DoctorSettings

LONG_IN_OUTBOX = 60.0
"""Seconds; a relay publishes within one, unless the broker is away."""
LONG_WITHOUT_RECONCILING = timedelta(hours=1)
SILENCE_SPAN = timedelta(days=1)
LOOK_BACK = timedelta(days=7)
"""Nothing younger is ever purged, so each message is known to be processed or not."""
MANY = 1000


async def look_at_database(settings: DoctorSettings) -> Sequence[Sign]:
    """Run all checks over one pool. Raises Outage when the database does not answer."""
    url = settings.database_url.reveal()
    async with create_pool(url, name="egpay-doctor", size=2, statement_timeout=30.0) as pool:
        if fault := await behind(pool):
            return [wrong("database", fault)]
        examination = PostgresChecks(pool)
        return [
            ok("database", f"answers, at revision {await current(pool)}"),
            *listed("grants", await examination.rights(), otherwise="each role has its rights and no more"),
            await _outbox(pool),
            await _lost(pool),
            await _catalogue(examination),
            await look_at_checkouts(examination),
            *(await look_at_commands(pool)),
            await _dead_letters(examination),
            *(await _other_installations(examination)),
            *_providers(await provider_states(pool)),
            *(await _reconciling(pool)),
        ]


async def _outbox(pool: Pool) -> Sign:
    backlog = await PostgresOutbox(pool).backlog()
    words = f"{backlog.waiting} messages wait, the oldest for {backlog.oldest_seconds:.0f} s"
    if backlog.oldest_seconds > LONG_IN_OUTBOX:
        return wrong("outbox", f"{words}: is the broker away, or no service running?")
    return ok("outbox", words)


async def _lost(pool: Pool) -> Sign:
    now = utc_now()
    lost = await PostgresPublishedMessages(pool).unprocessed(
        PROCESSED, since=now - LOOK_BACK, until=now - LATE, most=MANY
    )
    if not lost:
        return ok("lost", "all that was published was worked on")
    count = f"{len(lost)} messages" if len(lost) < MANY else f"{MANY} messages or more"
    kinds = ", ".join(sorted({message.subject.removeprefix("billing.") for message in lost}))
    return wrong(
        "lost",
        f"{count} were published and never worked on ({kinds}): either workers do not get through (`lag`), or the "
        f"broker lost them, and `egpay outbox republish` sends them again",
    )


async def _catalogue(examination: PostgresChecks) -> Sign:
    unsynced = await examination.unsynced()
    if unsynced:
        names = ", ".join(unsynced[:10])
        return wrong(
            "catalogue", f"not synced with Stripe, orders are refused: {names}; run `egpay catalogue apply`"
        )
    return ok("catalogue", "Stripe sells what is on sale for what it costs here")


async def _dead_letters(examination: PostgresChecks) -> Sign:
    waiting = await examination.waiting()
    if waiting.letters:
        return wrong("dead letters", f"{waiting.letters} wait, the oldest for {waiting.oldest / 3600:.1f} h")
    return ok("dead letters", "none waits")


async def _other_installations(examination: PostgresChecks) -> Sequence[Sign]:
    """One note, because it is no fault to share a test account; nothing where there is no such event."""
    if count := await examination.of_other_installations():
        words = (
            f"{count} events of the last day are of another installation, or of a sale not in this database"
        )
        return [note("installations", words)]
    return []


def _providers(states: Sequence[ProviderState]) -> Sequence[Sign]:
    refusals = [
        wrong(
            "providers",
            f"{state.name} refuses us since {state.refused_since:%Y-%m-%d %H:%M:%S} ({state.refusal}): our secret, "
            f"address or rights there are wrong; nothing is lost, all of its commands wait",
        )
        for state in states
        if state.refused_since
    ]
    pauses = [
        note(
            "providers",
            f"{state.name} asked us to wait {_span(state.paused_for)} more ({state.pause_reason})",
        )
        for state in states
        if state.paused_for > 0
    ]
    return [*refusals, *pauses] or [ok("providers", "none refuses us or asked for a pause")]


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds:.0f} s"


async def _reconciling(pool: Pool) -> Sequence[Sign]:
    ledger, now = PostgresReconciliationState(pool), utc_now()
    last = await ledger.cursor("events")
    silence = await ledger.silence(since=now - SILENCE_SPAN)
    if last is None or last.succeeded_at is None:
        reconciled = note("reconcile", "never ran to its end yet")
    else:
        words = f"last ran at {last.succeeded_at:%Y-%m-%d %H:%M:%S}"
        late = now - last.succeeded_at > LONG_WITHOUT_RECONCILING
        reconciled = wrong("reconcile", words) if late else ok("reconcile", words)
    if silence.missed:
        alarm = f"{silence.missed} events of the last day came by no webhook: look at the endpoint at Stripe"
        return [reconciled, wrong("silence", alarm)]
    return [reconciled, ok("silence", "no event of the last day came without its webhook")]
