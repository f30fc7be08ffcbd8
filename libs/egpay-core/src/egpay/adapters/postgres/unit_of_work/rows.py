"""Rows become values and values become rows, by the names of their fields."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, RowMapping, Table

S = TypeVar("S", bound=msgspec.Struct)


def columns(table: Table, kind: type[msgspec.Struct]) -> list[Column[Any]]:
    """The columns that a struct has fields for."""
    return [table.c[field.name] for field in msgspec.structs.fields(kind)]


def value(row: RowMapping, kind: type[S]) -> S:
    """The struct in a row, checked: a word that we do not know is an error here, not later."""
    return msgspec.convert({field: row[field] for field in kind.__struct_fields__}, kind)


def row(struct: msgspec.Struct) -> Mapping[str, Any]:
    """The row of a struct of plain fields."""
    return msgspec.structs.asdict(struct)
