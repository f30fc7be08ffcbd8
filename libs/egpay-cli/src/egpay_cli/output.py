"""Output: prints tables, records and progress; in colour and fitted at a terminal, plain and whole in a pipe."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import msgspec

from egpay_cli.running import say

if TYPE_CHECKING:
    from rich.console import Console

Tone: TypeAlias = Literal["wrong", "note", "ok", "plain"]
_STYLES: Mapping[Tone, str] = {"wrong": "bold red", "note": "yellow", "ok": "green", "plain": ""}

_GAP = 3
"""Blanks between two columns at a terminal."""


class Cell(msgspec.Struct, frozen=True):
    """Cell of a table: a text, and whether it tells of something wrong."""

    text: str
    tone: Tone = "plain"


Value: TypeAlias = Cell | str | int | datetime | None
Row: TypeAlias = Sequence[Value]


def print_table(
    columns: Sequence[str], rows: Iterable[Row], *, empty: str = "", console: "Console | None" = None
) -> None:
    """Print rows: folded to the width of a terminal under a heading; in a pipe one line each, without a heading.

    Without rows it prints `empty`. NO_COLOR is respected.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        if empty:
            say(empty)
        return
    if console is None and not sys.stdout.isatty():
        _print_plain(cells)
        return
    from rich.console import Console

    _print_fitted(columns, cells, console or Console())


def _print_fitted(columns: Sequence[str], cells: Sequence[Sequence[Cell]], console: "Console") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    headed = any(columns)
    table = Table(box=SIMPLE_HEAD if headed else None, show_header=headed, pad_edge=False, show_edge=False)
    for column, width in zip(columns, _widths(columns, cells, room=console.width), strict=True):
        table.add_column(column, overflow="fold", width=width)
    for line in cells:
        table.add_row(*(Text(cell.text, style=_STYLES[cell.tone]) for cell in line))
    console.print(table)


def _widths(columns: Sequence[str], cells: Sequence[Sequence[Cell]], *, room: int) -> list[int]:
    """Share the room: narrow columns get what they need, and the wide ones share the rest and are folded."""
    natural = [
        max(len(column), *(len(line[place].text) for line in cells)) for place, column in enumerate(columns)
    ]
    left, widths = room - _GAP * (len(columns) - 1), [0] * len(columns)
    narrowest_first = sorted(range(len(columns)), key=natural.__getitem__)
    for number, place in enumerate(narrowest_first):
        widths[place] = max(1, min(natural[place], left // (len(columns) - number)))
        left -= widths[place]
    return widths


def print_record(content: Mapping[str, Value | Sequence[str]], *, console: "Console | None" = None) -> None:
    """Print the fields of one thing that are set, a line each."""
    rows = [
        (name.replace("_", " "), _joined(value))
        for name, value in content.items()
        if value not in (None, "", (), [])
    ]
    print_table(("", ""), rows, console=console)


def print_section(
    title: str, columns: Sequence[str], rows: Sequence[Row], *, console: "Console | None" = None
) -> None:
    """Print a titled table after a blank line; nothing without rows."""
    if not rows:
        return
    if console is None:
        say(f"\n{title}")
    else:
        console.print(f"\n{title}")
    print_table(columns, rows, console=console)


def moment_text(at: datetime | None) -> str:
    """A moment as people read it, UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show how far a long run is, on stderr and only at a terminal; yields what advances it by one step.

    Without a total the steps are only named.
    """
    if not sys.stderr.isatty():
        yield _no_step
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    counted = (BarColumn(), MofNCompleteColumn()) if total is not None else ()
    shown = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *counted,
        console=Console(stderr=True),
        transient=True,
    )
    with shown:
        task = shown.add_task(title, total=total)

        def step(words: str) -> None:
            shown.update(task, advance=1, description=f"{title}: {words}")

        yield step


def _no_step(_: str) -> None:
    """Show nothing."""


def _joined(value: Value | Sequence[str]) -> Value:
    return ", ".join(value) if isinstance(value, tuple | list) else cast("Value", value)


def _cell(value: Value) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, datetime):
        return Cell(moment_text(value))
    return Cell("-" if value is None else str(value))


def _print_plain(cells: Sequence[Sequence[Cell]]) -> None:
    """Align all columns but the last, whose text may be long."""
    widths = [max(len(line[place].text) for line in cells) for place in range(len(cells[0]) - 1)]
    for line in cells:
        padded = [f"{cell.text:{width}}" for cell, width in zip(line[:-1], widths, strict=True)]
        say("  ".join([*padded, line[-1].text]).rstrip())


def masked_email(address: str | None) -> str | None:
    """An address that its owner recognises and no reader can write to: `o***@harbour.example`."""
    if address is None:
        return None
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"
