"""Counted changes: the database of a running system refuses what changes a sale and no version counts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

TABLES = ("sales", "subscriptions", "shipments")
_REFUSE = """
    CREATE OR REPLACE FUNCTION refuse_uncounted() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'a change that no version counts: %', TG_TABLE_NAME; END $$
"""
_COUNTED = """
    CREATE TRIGGER counted BEFORE UPDATE ON {} FOR EACH ROW
        WHEN (NEW.* IS DISTINCT FROM OLD.* AND NEW.changes = OLD.changes) EXECUTE FUNCTION refuse_uncounted()
"""


@contextmanager
def counted_changes(database_url: str) -> Iterator[None]:
    """Refuses such changes until the block ends, so that the worker would dead-letter what makes one."""
    _execute(database_url, _REFUSE, *map(_COUNTED.format, TABLES))
    try:
        yield
    finally:
        _execute(database_url, *(f"DROP TRIGGER counted ON {table}" for table in TABLES))


def _execute(database_url: str, *statements: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute("; ".join(statements))
        finally:
            await connection.close()

    asyncio.run(execute())
