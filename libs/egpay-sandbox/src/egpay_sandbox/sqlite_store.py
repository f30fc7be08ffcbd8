"""SQLite store: preserves over a restart what a developer has clicked together."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from egpay_sandbox.collection import Collection, HasId

T = TypeVar("T", bound=HasId)

_TABLE = """CREATE TABLE IF NOT EXISTS rows (
    shelf TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (shelf, id))"""


class SqliteStore:
    """Opens collections and writes their changes to one SQLite file, at most 50 ms late.

    Without a directory nothing is written and everything ends with the process. The file holds names,
    addresses and letters, so it and its directory are its owner's alone; SQLite gives a journal beside it
    the same mode.
    """

    def __init__(self, directory: Path | None) -> None:
        self._collections: dict[str, Collection[Any]] = {}
        self._dirty: dict[tuple[str, str], None] = {}
        self._dirty_event = asyncio.Event()
        self._db: sqlite3.Connection | None = None
        if directory is not None:
            self._db = sqlite3.connect(_private_file(directory), isolation_level=None)
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute(_TABLE)

    def collection(self, name: str, kind: type[T]) -> Collection[T]:
        """Opens a collection with the rows that an earlier process stored."""
        collection = Collection(name, kind, self._mark_dirty)
        self._collections[name] = collection
        if self._db is not None:
            rows = self._db.execute("SELECT body FROM rows WHERE shelf = ? ORDER BY rowid", (name,))
            for (body,) in rows:
                collection.restore(msgspec.json.decode(body, type=kind))
        return collection

    def clear(self) -> None:
        """Empties every collection."""
        for collection in self._collections.values():
            collection.clear()

    def flush(self) -> None:
        """Writes all changes since the last flush, in one transaction."""
        dirty, self._dirty = list(self._dirty), {}
        self._dirty_event.clear()
        if self._db is None or not dirty:
            return
        self._db.execute("BEGIN")
        for name, row_id in dirty:
            row = self._collections[name].get(row_id)
            if row is None:
                self._db.execute("DELETE FROM rows WHERE shelf = ? AND id = ?", (name, row_id))
            else:
                self._db.execute(
                    "INSERT INTO rows VALUES (?, ?, ?) "
                    "ON CONFLICT (shelf, id) DO UPDATE SET body = excluded.body",
                    (name, row_id, msgspec.json.encode(row)),
                )
        self._db.execute("COMMIT")

    async def run_flush_loop(self) -> None:
        """Flushes in the background until cancelled."""
        while True:
            await self._dirty_event.wait()
            await asyncio.sleep(0.05)
            self.flush()

    def close(self) -> None:
        """Writes the rest and closes the file."""
        self.flush()
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _mark_dirty(self, name: str, row_id: str) -> None:
        self._dirty[name, row_id] = None
        self._dirty_event.set()


def _private_file(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    file = directory / "sandbox.sqlite3"
    file.touch(mode=0o600)
    for path in directory.glob(f"{file.name}*"):
        path.chmod(0o600)
    return file
