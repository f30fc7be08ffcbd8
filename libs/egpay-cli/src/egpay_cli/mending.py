"""Setup of the repair commands: the database, today's translations of webhooks, and the clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from egpay.adapters.postgres.operator import PostgresOperatorQueries, open_repair
from egpay.adapters.system.clock import utc_now
from egpay.operations.replay import Replay
from egpay.settings import from_env
from egpay_cli.running import database
from egpay_cli.settings import DoctorSettings
from egpay_cli.translations import translations


@asynccontextmanager
async def archive() -> AsyncIterator[PostgresOperatorQueries]:
    """Open the queries over stored webhooks and dead letters."""
    async with database() as engine:
        yield PostgresOperatorQueries(engine)


@asynccontextmanager
async def replaying() -> AsyncIterator[tuple[PostgresOperatorQueries, Replay]]:
    """Open the same queries with a replay over them.

    STRIPE_SECRET_KEY decides whether live or test mode is ours; without it the events accepted so far do.
    """
    key = from_env(DoctorSettings).stripe_secret_key
    async with database() as engine:
        archived = PostgresOperatorQueries(engine)
        live = _is_live(key.reveal()) if key else await archived.live()
        yield archived, Replay(open_repair(engine), translations(live=live), utc_now)


def _is_live(key: str) -> bool:
    from egpay.adapters.stripe.inbound.webhooks import is_live

    return is_live(key)
