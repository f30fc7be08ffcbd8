"""Row mapping: translates rows to structs and structs to rows, by field names."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, RowMapping, Table

S = TypeVar("S", bound=msgspec.Struct)


def columns(table: Table, kind: type[msgspec.Struct]) -> list[Column[Any]]:
    """The columns that a struct has fields for."""
    return [table.c[field.name] for field in msgspec.structs.fields(kind)]


def value(row: RowMapping, kind: type[S]) -> S:
    """Convert a row to a struct, and validate it: an unknown enum value is an error here, not later."""
    return msgspec.convert({field: row[field] for field in kind.__struct_fields__}, kind)


def row(struct: msgspec.Struct) -> Mapping[str, Any]:
    """Convert a struct of plain fields to a row."""
    return msgspec.structs.asdict(struct)
