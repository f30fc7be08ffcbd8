"""Product check: whether the product takes what it is told, and what it said last."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.postgres.app_deliveries import PostgresAppDeliveries
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.ports.app_deliveries import AppBacklog
from egpay_cli.doctor.finding import Sign, note, ok, wrong
from egpay_cli.settings import DoctorSettings

PATIENCE = timedelta(minutes=10)
"""News that waits longer is an alarm: the first tries are within seconds."""


async def look_at_product(settings: DoctorSettings) -> Sequence[Sign]:
    """Check the oldest news that the endpoint has not taken. Raises Outage when the database does not answer."""
    if settings.app_webhook_url is None:
        return [note("product", "APP_WEBHOOK_URL is not given: news waits, or is read on NATS")]
    url = settings.database_url.reveal()
    async with create_pool(url, name="egpay-doctor", size=1, statement_timeout=30.0) as pool:
        if await behind(pool):
            return []
        backlog = await PostgresAppDeliveries(pool).backlog()
    return [_sign(backlog)]


def _sign(backlog: AppBacklog) -> Sign:
    if not backlog.waiting:
        return ok("product", "it was told everything")
    waits = f"{backlog.waiting} objects wait to be told, the oldest ({backlog.oldest}) for {_span(backlog)}"
    if backlog.tried_at is None:
        said = "never tried: does a worker run with APP_WEBHOOK_URL?"
    else:
        at = f" at {backlog.next_at:%Y-%m-%d %H:%M}" if backlog.next_at else ""
        said = f"last try at {backlog.tried_at:%Y-%m-%d %H:%M}: {backlog.reason or 'no answer yet'}; next{at}"
    words = f"{waits}; {said}"
    late = backlog.oldest_seconds > PATIENCE.total_seconds()
    return wrong("product", words) if late else note("product", words)


def _span(backlog: AppBacklog) -> str:
    seconds = backlog.oldest_seconds
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds:.0f} s"
