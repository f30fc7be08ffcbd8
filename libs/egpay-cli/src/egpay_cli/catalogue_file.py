"""Catalogue file: reads what is to be sold from TOML, and names every fault by row and field."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from egpay.domain.catalogue import CatalogueEntry
from egpay_cli.catalogue_fields import FIELDS, REQUIRED, combination_faults
from egpay_cli.failures import UnusableFile

Row: TypeAlias = Mapping[str, Any]
_MOST_PRODUCTS = 1000
_UNIQUE = ("id", "stripe_price")


class MalformedFile(UnusableFile):
    """A file that cannot be used; `faults` are all that is wrong with it, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Hold the faults; the text is for people, one fault a line."""
        super().__init__(
            "\n".join(("the file cannot be used, and nothing was changed:", *(f"  {one}" for one in faults)))
        )
        self.faults = tuple(faults)


def read_catalogue(path: Path) -> list[CatalogueEntry]:
    """Read the entries of a file, in its order; raises MalformedFile with everything that is wrong."""
    rows = _rows(path)
    faults = [*_faults(rows), *_duplicates(rows)]
    if faults:
        raise MalformedFile(faults)
    return [msgspec.convert(row, CatalogueEntry) for row in ({"description": "", **row} for row in rows)]


def _rows(path: Path) -> list[Row]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        raise MalformedFile([f"it cannot be read: {fault}"]) from fault
    faults = [
        f"{key}: is no key of a catalogue; it holds [[product]] tables" for key in content if key != "product"
    ]
    rows = content.get("product")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        faults.append("product: must be one or more [[product]] tables")
    elif len(rows) > _MOST_PRODUCTS:
        faults.append(f"product: must be at most {_MOST_PRODUCTS} tables")
    if faults:
        raise MalformedFile(faults)
    return list(rows)  # type: ignore[arg-type]  # the three lines above have made sure


def _faults(rows: Sequence[Row]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        for field, fault in _row_faults(row):
            yield f"{_name(number, row)}, {field}: {fault}"


def _row_faults(row: Row) -> Iterator[tuple[str, str]]:
    for field in row:
        if field not in FIELDS:
            yield field, "is no key of a product"
    faulty = set()
    for field, check in FIELDS.items():
        if field not in row:
            if field in REQUIRED:
                yield field, "is missing"
                faulty.add(field)
        elif fault := check(row[field]):
            yield field, fault
            faulty.add(field)
    yield from combination_faults(row, faulty)


def _duplicates(rows: Sequence[Row]) -> Iterator[str]:
    for field in _UNIQUE:
        first: dict[object, int] = {}
        for number, row in enumerate(rows, 1):
            value = row.get(field)
            if isinstance(value, str) and first.setdefault(value, number) != number:
                yield f"{_name(number, row)}, {field}: is that of product {first[value]}, too"


def _name(number: int, row: Row) -> str:
    called = row.get("id")
    return f"product {number} ({called!r})" if isinstance(called, str) else f"product {number}"
