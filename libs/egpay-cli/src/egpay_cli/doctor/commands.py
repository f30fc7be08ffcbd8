"""Command check: names each kind of command that fails now, why, and how many wait; and orders that Stripe refused."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.operator.checks import PostgresChecks
from egpay.adapters.postgres.operator.pending_work import FailingCommands, load_failing_commands
from egpay.adapters.system.clock import utc_now
from egpay_cli.doctor.finding import Sign, note, ok, wrong

LONG_FAILING = timedelta(minutes=10)
"""A mail server that restarts, or a deployment of the warehouse, is over by then."""


async def look_at_commands(pool: Pool) -> Sequence[Sign]:
    """Check what the world refuses to take from us. Raises Outage when the database does not answer."""
    failing = await load_failing_commands(pool)
    return [_sign(one) for one in failing] or [ok("commands", "none fails")]


async def look_at_checkouts(checks: PostgresChecks) -> Sign:
    """Check for orders whose page the provider refuses for good: the buyer cannot pay, and no retry helps."""
    refused = await checks.refused_checkouts()
    if not refused.orders:
        return ok("checkouts", "the provider opened a page for every order of the last day")
    words = f"{refused.orders} orders of the last day got no page; last: {refused.sale_id}, {refused.what}"
    return wrong("checkouts", words) if refused.within_the_hour else note("checkouts", words)


def _sign(one: FailingCommands) -> Sign:
    words = (
        f"{one.command}: {one.count} {'waits' if one.count == 1 else 'wait'}, failing since "
        f"{one.since:%Y-%m-%d %H:%M:%S} ({one.reason}); next try {one.next_at:%H:%M:%S}"
    )
    return wrong("commands", words) if utc_now() - one.since >= LONG_FAILING else note("commands", words)
