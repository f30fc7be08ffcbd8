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

    asked: bool = False

    def heed(self) -> None:
        if self.asked:
            raise Stopped

    def note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  a signal handler's shape
        self.asked = True


@contextmanager
def heeding_signals() -> Iterator[StopRequest]:
    """Until the block ends, signals are noted and no longer end us on the spot."""
    request = StopRequest()
    before = {number: signal.signal(number, request.note) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
