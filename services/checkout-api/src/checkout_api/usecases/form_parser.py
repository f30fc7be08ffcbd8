"""Form parser: validates a posted form and collects every error at once, not only the first."""

import functools
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from checkout_api.usecases.errors import FieldError


class ParsedForm(msgspec.Struct, frozen=True):
    """Result of parsing a form: each valid value by its path, and all errors."""

    values: Mapping[str, Any]
    errors: tuple[FieldError, ...]


def parse_form(kind: type[msgspec.Struct], body: object) -> ParsedForm:
    """Parse decoded JSON field by field; `extra["must"]` in a field's Meta is its error message."""
    reader = _Reader()
    reader.struct(kind, body, "")
    return ParsedForm(reader.values, tuple(reader.errors))


class _Reader:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.errors: list[FieldError] = []

    def struct(self, kind: type[msgspec.Struct], value: object, path: str) -> None:
        if not isinstance(value, dict):
            self._fault(path, "must be a JSON object")
            return
        fields = _fields(kind)
        for name, (field, hint) in fields.items():
            if value.get(name) is not None:
                self._value(hint, value[name], f"{path}{name}")
            elif field.required:
                self._fault(f"{path}{name}", "is required")
        for name in value:
            if name not in fields:
                self._fault(f"{path}{name[:64]}", "is not a known field")

    def _value(self, hint: Any, value: object, path: str) -> None:
        inner, rules, must = _apart(hint)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            self.struct(inner, value, f"{path}.")
        elif get_origin(inner) is list:
            if self._plain(Annotated[list[Any], *rules], value, path, must):
                for position, item in enumerate(value if isinstance(value, list) else ()):
                    self._value(get_args(inner)[0], item, f"{path}[{position}]")
        else:
            self._plain(hint, value, path, must)

    def _plain(self, hint: Any, value: object, path: str, must: str) -> bool:
        try:
            self.values[path] = msgspec.convert(value, hint)
        except msgspec.ValidationError:
            self._fault(path, f"must {must}")
            return False
        return True

    def _fault(self, path: str, message: str) -> None:
        self.errors.append(FieldError(path.rstrip("."), message))


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[msgspec.structs.FieldInfo, Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: (field, hints[field.name]) for field in msgspec.structs.fields(kind)}


def _apart(hint: Any) -> tuple[Any, tuple[Any, ...], str]:
    """Split a field's hint into its type without `| None`, its rules, and what it must be in words."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(option for option in get_args(hint) if option is not types.NoneType)
    if get_origin(hint) is not Annotated:
        return hint, (), "be of another type"
    inner, *rules = get_args(hint)
    return (
        inner,
        tuple(rules),
        next((rule.extra["must"] for rule in rules if rule.extra), "be of another type"),
    )
