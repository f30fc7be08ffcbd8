"""The database is kept small: all that is due leaves, in small steps, and a database that is away ends nothing."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from billing_worker.jobs.purge import PurgeJob
from egpay.domain.errors import Outage
from egpay.ports.retention import PurgedTable

MONTH = timedelta(days=30)


class Shelf:
    """So many aged rows of each kind; `away` fails that many calls."""

    def __init__(self, *, away: int = 0, **rows: int) -> None:
        self.rows = {what: rows.get(what.name.lower(), 0) for what in PurgedTable}
        self.steps: list[int] = []
        self.away = away
        self.empty = asyncio.Event()

    async def purge(self, what: PurgedTable, *, older_than: timedelta, most: int) -> int:
        if self.away:
            self.away -= 1
            raise Outage("the database does not answer")
        assert older_than == MONTH
        count = min(most, self.rows[what])
        self.rows[what] -= count
        self.steps.append(count)
        if not any(self.rows.values()):
            self.empty.set()
        return count


def job(shelf: Shelf, **how: float) -> PurgeJob:
    return PurgeJob(shelf, dict.fromkeys(PurgedTable, MONTH), batch=10, pause=0.0, **how)


async def test_a_turn_purges_all_that_is_due_in_small_steps() -> None:
    shelf = Shelf(webhooks=25, processed=10)
    purged = await job(shelf).turn()
    assert purged == {
        **dict.fromkeys(PurgedTable, 0),
        PurgedTable.WEBHOOKS: 25,
        PurgedTable.PROCESSED: 10,
    }
    assert max(shelf.steps) == 10


async def test_a_database_that_is_away_puts_purging_off() -> None:
    shelf = Shelf(away=2, webhooks=5)
    running = asyncio.create_task(job(shelf, every=0.01).run())
    async with asyncio.timeout(5):
        await shelf.empty.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
