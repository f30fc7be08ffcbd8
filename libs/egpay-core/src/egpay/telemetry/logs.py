"""Structured logs: one line per event, listed fields only, without secrets."""

import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

import msgspec

from egpay.telemetry.redaction import redact
from egpay.telemetry.trace import current, trace_id

FIELDS = frozenset(
    {
        *("action", "provider"),
        *("sale_id", "subscription_id", "event_id", "message_id", "cause", "traceparent"),
        *("source", "type", "disposition", "subject", "stream", "consumer", "sequence", "deliveries"),
        *("method", "route", "status", "seconds", "count", "size", "attempt", "delay", "retry_after"),
        *("task", "reason", "outcome", "host", "port", "url", "workers", "pid", "code", "signal", "version"),
    }
)
"""Fields that `extra=` may carry; any other is dropped, because its content was never reviewed."""

_QUIET = (
    *("aiosmtplib", "alembic", "asyncio", "faststream", "httpcore", "httpx", "mail", "nats", "sqlalchemy"),
    *("stripe", "uvicorn", "watchfiles"),
)

Format = Literal["json", "console"]


def setup_logging(
    level: str = "INFO", log_format: Format = "json", *, service: str = "egpay", to: TextIO | None = None
) -> None:
    """Send all log lines of this process to `to` (standard output), with warnings and uncaught exceptions.

    `level` is the least severity of our own lines; libraries log from WARNING on. May be called again.
    """
    handler = _Handler(to or sys.stdout)
    handler.setFormatter(JsonLines(service) if log_format == "json" else ConsoleLines(service))
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, _Handler):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


class JsonLines(logging.Formatter):
    """JSON lines, one object a line.

    `{"at", "level", "service", "logger", "event", "action", ..., "trace_id", "error"}`
    """

    def __init__(self, service: str) -> None:
        """`service` is the name in every line."""
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as one line of JSON."""
        line: dict[str, object] = {
            "at": _at(record).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": redact(record.name),
            "event": _event(record),
            **_fields(record),
        }
        if error := _error(self, record):
            line["error"] = error
        return msgspec.json.encode(line).decode()


class ConsoleLines(logging.Formatter):
    """Console lines: `12:30:01 INFO    checkout-api  event  key=value`, with the traceback below."""

    def __init__(self, service: str) -> None:
        """`service` is the name in every line."""
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as a line for people; its content cannot fake another line."""
        fields = "".join(f"  {key}={_one_line(str(value))}" for key, value in _fields(record).items())
        event = _one_line(_event(record))
        line = f"{_at(record):%H:%M:%S} {record.levelname:<7} {self._service}  {event}{fields}"
        error = _error(self, record)
        return f"{line}\n{error}" if error else line


class _Handler(logging.StreamHandler[TextIO]):
    """Handler that drops a line it cannot write, because logging's own handler would print its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drop the error, because no output is left to report it."""


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _event(record: logging.LogRecord) -> str:
    try:
        return redact(record.getMessage())
    except Exception:  # noqa: BLE001 - a wrong log call must not hide the event
        return (
            redact(f"{record.msg!s} (its arguments do not fit)")
            if isinstance(record.msg, str)
            else "unreadable"
        )


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    given = {
        key: _plain(value) for key, value in record.__dict__.items() if key in FIELDS and value is not None
    }
    trace = trace_id(str(given.pop("traceparent", "")) or current())
    return {**given, "trace_id": trace} if trace else given


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    try:
        return redact(str(value))
    except Exception:  # noqa: BLE001 - a wrong field must not hide the event
        return "unreadable"


def _error(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [formatter.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
    if record.stack_info:
        parts.append(record.stack_info)
    return redact("\n".join(parts))


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("egpay").critical(
        "uncaught exception", exc_info=(kind, error, trace), extra={"action": "uncaught_exception"}
    )


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)


def _unraisable(hook: "sys.UnraisableHookArgs") -> None:
    if hook.exc_value is not None:
        _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)
