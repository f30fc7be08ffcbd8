"""Failures: the exit code and the words of an expected error, for people or as one JSON object."""

import json
import sys

from typer.exceptions import TyperException

from egpay.domain.errors import EgpayError, Outage, Refusal
from egpay.settings import SettingsError

USAGE = 2


class UnusableFile(Refusal):
    """Unusable file: what the operator gave cannot be read as what it should be, which is wrong usage."""


def code_of(fault: Exception) -> int | None:
    """The exit code of an expected error; None for any other, which is a bug."""
    if isinstance(fault, SettingsError | UnusableFile):
        return USAGE
    if isinstance(fault, TyperException):
        return fault.exit_code
    return 1 if isinstance(fault, EgpayError) else None


def say_failure(fault: Exception, *, as_json: bool) -> None:
    """Print it: as an object on stdout with --json, so that a program always reads one there, else on stderr."""
    message = fault.format_message() if isinstance(fault, TyperException) else str(fault)
    if as_json:
        content = {"error": {"code": _word(fault), "message": message}}
        sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"egpay: {message}\n")


def _word(fault: Exception) -> str:
    """What kind of failure it is: a stable word, by who must act."""
    match fault:
        case SettingsError():
            return "configuration"
        case TyperException() | UnusableFile():
            return "usage"
        case Refusal():
            return "refused"
        case Outage():
            return "outage"
    return "defect"
