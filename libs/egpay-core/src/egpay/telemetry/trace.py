"""One trace from the webhook to the e-mail it led to: the W3C `traceparent` of what is being worked on.

https://www.w3.org/TR/trace-context/#traceparent-header: `00-<32 hex trace id>-<16 hex parent id>-<2 hex flags>`.
"""

import random
import re
from contextvars import ContextVar, Token

_VALID = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    """The `traceparent` of what is being worked on, if it has one."""
    return _current.get()


def trace_id(traceparent: str | None) -> str | None:
    """Its 32 hex digits, the same on every hop; None when it is absent or malformed."""
    match = _VALID.fullmatch(traceparent) if traceparent and len(traceparent) <= 128 else None
    return match.group(1) if match else None


def next_hop(caller: str | None) -> str:
    """Our own `traceparent` in the caller's trace, keeping its flags; a new trace when it gave none or a wrong one."""
    known = trace_id(caller)
    flags = caller[53:55] if known and caller else "01"
    drawn = f"{random.getrandbits(192):048x}"  # an id has to be its own, not a secret
    return f"00-{known or drawn[:32]}-{drawn[32:]}-{flags}"


class following:  # noqa: N801 - read as a verb: `with following(traceparent):`
    """Work under this `traceparent` until the block ends: log lines carry its trace id."""

    __slots__ = ("_token", "_traceparent")
    _token: Token[str | None]

    def __init__(self, traceparent: str | None) -> None:
        """Change nothing yet."""
        self._traceparent = traceparent

    def __enter__(self) -> None:
        """From here on."""
        self._token = _current.set(self._traceparent)

    def __exit__(self, *_: object) -> None:
        """As it was."""
        _current.reset(self._token)
