"""A log line is one object that a search engine understands, and no line shows a secret, however it got there."""

import io
import logging
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import msgspec
import pytest

from egpay.telemetry.logs import setup_logging
from egpay.telemetry.redaction import redact
from egpay.telemetry.trace import following, next_hop, trace_id

LogFormat: TypeAlias = Literal["json", "console"]


@contextmanager
def logging_to(log_format: LogFormat) -> Iterator[io.StringIO]:
    """Our handler on its own: pytest's would raise for a log call that is wrong."""
    root = logging.getLogger()
    before = root.handlers, sys.excepthook, threading.excepthook, sys.unraisablehook
    level = root.level
    root.handlers = []
    out = io.StringIO()
    setup_logging("INFO", log_format, service="checkout-api", to=out)
    try:
        yield out
    finally:
        root.handlers, sys.excepthook, threading.excepthook, sys.unraisablehook = before
        root.setLevel(level)
        logging.captureWarnings(capture=False)


HOSTILE = [
    "ada.lovelace+eg@example.co.uk",
    "jürgen@exämple.de",
    "O'Brien@Example.ORG",
    '"john doe"@example.com',
    "ada%40example.com",
    "sk_live_51AbCdEfGh",
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "rk_live_9ZyXwVu",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "egk_q3uOcGmIzpuL0SbVZQ_bnWLE2UpAJJ8KQu5u2y0N4hE",
    "postgresql://egpay:p4ss/w@rd@db.internal:5432/egpay",
    "nats://s3cr3ttoken@broker:4222",
    "smtp://mailer:hunter2@mail:25",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc",
    "password=hunter2",
    "https://shop.example/invitation?token=abcdefgh12345678",
    '{"client_secret": "hunter2"}',
]
SPOILS = [
    *("lovelace", "jürgen", "Brien", "john doe", "ada%40", "51AbCdEfGh", "4eC39", "9ZyXwVu", "MfKQ9"),
    *("p4ss", "w@rd", "s3cr3t", "hunter2", "eyJhbGci", "abcdefgh12345678"),
]


def _assert_clean(text: str) -> None:
    assert text
    assert [spoil for spoil in SPOILS if spoil.lower() in text.lower()] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_secret_or_an_address_is_masked_within_any_sentence(text: str) -> None:
    for sentence in (
        text,
        f"before {text} after",
        f"<{text}>",
        f"({text})",
        repr(text),
        repr([text]),
        f"x={text};",
    ):
        _assert_clean(redact(sentence))


@pytest.mark.parametrize(
    "text",
    [
        "sale_abc paid in 12 ms",
        "task_sk is not a key",
        "https://checkout.stripe.com/c/pay/cs_test_a1#fidkdWxOYHwnPyd1blpxYHZxWjA0",
        "evt_1 customer.subscription.updated",
    ],
)
def test_what_is_neither_stays_readable(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "blob", ["x" * 200_000, "a.b" * 70_000, "a://" * 50_000, "@" * 200_000, "a@" * 100_000, '"' * 200_000]
)
def test_a_hostile_length_costs_no_time(blob: str) -> None:
    began = time.process_time()
    redact(blob)
    assert time.process_time() - began < 1.0


def test_the_host_of_a_masked_address_is_still_told() -> None:
    assert redact("postgresql://u:p@db:5432/egpay") == "postgresql://***@db:5432/egpay"


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_in_any_part_of_a_log_call_does_not_reach_the_log(
    log_format: LogFormat, text: str
) -> None:
    with logging_to(log_format) as out:
        log = logging.getLogger(f"egpay.{text}")
        log.info(text)
        log.info("of %s and %r", text, [text])
        log.info("by name %(who)s", {"who": text})
        log.info("in a field", extra={"reason": text, "url": text, "customer_email": text, "body": text})
        log.info("no number: %d", text)
        log.info("with a stack", stack_info=True, extra={"reason": text})
        log.warning(f"{text}\nforged line")  # noqa: G004 - whatever a caller may do
    assert out.getvalue().count("no number") == 1
    _assert_clean(out.getvalue())


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_in_a_chain_of_exceptions_does_not_reach_the_log(
    log_format: LogFormat, text: str
) -> None:
    with logging_to(log_format) as out:
        try:
            try:
                int(text)
            except ValueError as cause:
                raise RuntimeError(f"because of {text}") from cause
        except RuntimeError:
            logging.getLogger("egpay").exception("failed for %s", text)
    _assert_clean(out.getvalue())


class _Unprintable:
    def __str__(self) -> str:
        raise ValueError("ada.lovelace@example.com")


def test_an_object_that_cannot_be_printed_costs_neither_the_event_nor_a_secret() -> None:
    with logging_to("json") as out:
        logging.getLogger("egpay").info("for %s", _Unprintable())
        logging.getLogger("egpay").info("in a field", extra={"reason": _Unprintable()})
    assert len(out.getvalue().splitlines()) == 2
    _assert_clean(out.getvalue())


def test_an_uncaught_exception_is_logged_in_one_masked_line() -> None:
    program = (
        "from egpay.telemetry.logs import setup_logging\n"
        "setup_logging('INFO', 'json', service='test')\n"
        "raise RuntimeError('for ada.lovelace@example.com with sk_live_51AbCdEfGh')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    _assert_clean(done.stdout + done.stderr)
    line = msgspec.json.decode(done.stdout)
    assert line["level"] == "CRITICAL"
    assert "RuntimeError" in line["error"]


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in out.getvalue().splitlines()]


def test_an_event_with_its_fields_is_one_line() -> None:
    with logging_to("json") as out:
        logging.getLogger("egpay.outbox.relay").info(
            "batch\nsent", extra={"count": 3, "subject": "billing.events.x"}
        )
    (line,) = _lines(out)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "service": "checkout-api",
        "logger": "egpay.outbox.relay",
        "event": "batch\nsent",
        "count": 3,
        "subject": "billing.events.x",
    }


def test_a_line_shows_the_action_and_the_provider_it_is_about() -> None:
    extra = {"action": "provider_pause", "provider": "stripe", "delay": 3.0}
    with logging_to("json") as out:
        logging.getLogger("egpay").warning("provider asks for a pause", extra=extra)
    (line,) = _lines(out)
    assert (line["event"], line["action"], line["provider"]) == (
        "provider asks for a pause",
        "provider_pause",
        "stripe",
    )


def test_a_field_that_nobody_thought_about_is_dropped() -> None:
    with logging_to("json") as out:
        logging.getLogger("egpay").info("sold", extra={"buyer": "Ada", "sale_id": "sale_1"})
    (line,) = _lines(out)
    assert "buyer" not in line
    assert line["sale_id"] == "sale_1"


def test_a_line_names_the_trace_it_belongs_to() -> None:
    traceparent = next_hop(None)
    with logging_to("json") as out:
        with following(traceparent):
            logging.getLogger("egpay").info("inside")
        logging.getLogger("egpay").info("outside")
    inside, outside = _lines(out)
    assert inside["trace_id"] == trace_id(traceparent)
    assert "trace_id" not in outside


def test_libraries_speak_from_warning_on() -> None:
    with logging_to("json") as out:
        for name in ("httpx", "uvicorn.access", "nats.aio.client", "stripe"):
            logging.getLogger(name).info("chatter")
        logging.getLogger("nats").warning("trouble")
    assert [line["event"] for line in _lines(out)] == ["trouble"]


def test_a_warning_of_python_is_a_log_line() -> None:
    with logging_to("json") as out, warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old habits", stacklevel=1)
    assert "old habits" in _lines(out)[0]["event"]


def test_setting_up_twice_logs_once_and_to_the_newer_place() -> None:
    newer = io.StringIO()
    with logging_to("json") as older:
        setup_logging("INFO", "json", service="other", to=newer)
        logging.getLogger("egpay").info("once")
    assert (len(_lines(older)), len(_lines(newer))) == (0, 1)


def test_people_cannot_be_fooled_by_a_forged_line() -> None:
    with logging_to("console") as out:
        logging.getLogger("egpay").info("a\n00:00:00 INFO forged\x1b[31m", extra={"reason": "b\nc"})
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()
