"""A log line of ours can be searched for by what happened: its `action`, whatever its prose becomes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from egpay.telemetry.logs import FIELDS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for source in ("libs/egpay-core/src", "services/checkout-api/src", "services/billing-worker/src")
    for path in (ROOT / source).rglob("*.py")
)
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


def is_logger(value: ast.expr) -> bool:
    """`_log`, `self.logger` and the like, or `logging.getLogger(...)` itself."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_") in {"log", "logger", "logging"}
        case ast.Call(func=ast.Attribute(attr="getLogger")):
            return True
        case _:
            return False


def log_calls(text: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in LEVELS and is_logger(value):
                yield node


def faults(text: str) -> list[str]:
    return [f"{call.lineno}: {fault}" for call in log_calls(text) if (fault := _fault(call))]


def _fault(call: ast.Call) -> str | None:
    extra = next((keyword.value for keyword in call.keywords if keyword.arg == "extra"), None)
    if not isinstance(extra, ast.Dict):
        return "no fields written out with the call"
    fields = {
        str(key.value): value
        for key, value in zip(extra.keys, extra.values, strict=True)
        if isinstance(key, ast.Constant)
    }
    action = fields.get("action")
    if not isinstance(action, ast.Constant) or not re.fullmatch(r"[a-z]+(_[a-z]+)*", str(action.value)):
        return "no action that is written out in small letters"
    return f"fields that no line shows: {dropped}" if (dropped := sorted(fields.keys() - FIELDS)) else None


def test_every_log_call_of_the_services_and_the_core_names_its_action_and_fields_that_a_line_shows() -> None:
    found = {path.relative_to(ROOT).as_posix(): faults(path.read_text()) for path in SOURCES}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert sum(len(list(log_calls(path.read_text()))) for path in SOURCES) >= 30


@pytest.mark.parametrize(
    "call",
    [
        '_log.warning("purge postponed")',
        '_log.warning("purge postponed", extra={"reason": "away"})',
        '_log.error("purge postponed", extra=said)',
        '_log.error("purge postponed", extra={"action": word})',
        '_log.error("purge postponed", extra={"action": "Purge postponed"})',
        '_log.error("purge postponed", extra={"action": "purge_postponed", "password": 1})',
        'logging.getLogger("egpay").critical("uncaught")',
        'self._logger.exception("uncaught")',
    ],
)
def test_a_call_without_an_action_would_be_noticed(call: str) -> None:
    assert len(faults(call)) == 1


def test_a_call_with_an_action_and_the_fields_of_its_caller_is_in_order() -> None:
    assert faults('_log.error("purged", extra={"action": "purged", **said, "count": 1})') == []
    assert faults("math.log(2)") == []
