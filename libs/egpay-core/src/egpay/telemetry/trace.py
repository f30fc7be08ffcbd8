"""Trace context: the W3C `traceparent` of the current work, from the webhook to the e-mail it led to.

https://www.w3.org/TR/trace-context/#traceparent-header: `00-<32 hex trace id>-<16 hex parent id>-<2 hex
flags>`.
"""

import random
import re
from contextvars import ContextVar, Token

_VALID = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    """The `traceparent` of the current work, if it has one."""
    return _current.get()


def trace_id(traceparent: str | None) -> str | None:
    """The trace id, 32 hex digits, the same on every hop; None when absent or malformed."""
    match = _VALID.fullmatch(traceparent) if traceparent and len(traceparent) <= 128 else None
    return match.group(1) if match else None


def next_hop(caller: str | None) -> str:
    """Our `traceparent` in the caller's trace, with its flags; a new trace without a valid caller's one."""
    known = trace_id(caller)
    flags = caller[53:55] if known and caller else "01"
    drawn = f"{random.getrandbits(192):048x}"  # an id has to be its own, not a secret
    return f"00-{known or drawn[:32]}-{drawn[32:]}-{flags}"


class following:  # noqa: N801 - read as a verb: `with following(traceparent):`
    """Trace context manager: sets the `traceparent` for the block, so that log lines carry its trace id."""

    __slots__ = ("_token", "_traceparent")
    _token: Token[str | None]

    def __init__(self, traceparent: str | None) -> None:
        """Store the `traceparent`; it is set on entry."""
        self._traceparent = traceparent

    def __enter__(self) -> None:
        """Set the `traceparent`."""
        self._token = _current.set(self._traceparent)

    def __exit__(self, *_: object) -> None:
        """Restore the former `traceparent`."""
        _current.reset(self._token)
