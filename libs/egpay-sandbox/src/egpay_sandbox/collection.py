"""Collection: stores rows by id, newest last, and reports each change to the SQLite store."""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar


class HasId(Protocol):
    """Anything with an id of its own."""

    @property
    def id(self) -> str:
        """The key it is stored under."""
        ...


T = TypeVar("T", bound=HasId)


class Collection(Generic[T]):
    """Rows in the order in which they were first stored; storing one again replaces it in its place."""

    def __init__(self, name: str, kind: type[T], on_change: Callable[[str, str], None]) -> None:
        self.name = name
        self.kind = kind
        self._on_change = on_change
        self._rows: dict[str, T] = {}

    def store(self, row: T) -> T:
        """Stores a row in place of an older one with the same id."""
        self._rows[row.id] = row
        self._on_change(self.name, row.id)
        return row

    def get(self, row_id: str | None) -> T | None:
        """Loads a row, or None."""
        return self._rows.get(row_id) if row_id else None

    def __getitem__(self, row_id: str) -> T:
        return self._rows[row_id]

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._rows

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def newest_first(self) -> list[T]:
        """Lists rows as Stripe does."""
        return list(reversed(self._rows.values()))

    def remove(self, row_id: str) -> None:
        """Removes a row; removing it twice is no error."""
        if self._rows.pop(row_id, None) is not None:
            self._on_change(self.name, row_id)

    def restore(self, row: T) -> None:
        """Restores a row from SQLite without writing it again."""
        self._rows[row.id] = row

    def clear(self) -> None:
        """Removes all rows."""
        for row_id in list(self._rows):
            self.remove(row_id)
