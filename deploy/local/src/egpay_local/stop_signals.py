"""Ctrl-C, SIGTERM or a closed terminal mean "stop in good order"; a second Ctrl-C does not tear that order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked us to end; that is no failure."""


@dataclass(slots=True)
class StopRequest:
    """Raised only where we look, never in the middle of starting a program."""

    requested: bool = False

    def raise_if_requested(self) -> None:
        if self.requested:
            raise Stopped

    def on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  a signal handler's shape
        self.requested = True


@contextmanager
def deferred_signals() -> Iterator[StopRequest]:
    """Until the block ends, signals are noted and no longer end us on the spot."""
    request = StopRequest()
    before = {number: signal.signal(number, request.on_signal) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
