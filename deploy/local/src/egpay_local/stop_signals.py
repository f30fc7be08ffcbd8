"""Stop signals: Ctrl-C, SIGTERM or a closed terminal stop in order; a second Ctrl-C does not break it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A stop was requested; that is no failure."""


@dataclass(slots=True)
class StopRequest:
    """Raises only where it is checked, never in the middle of starting a program."""

    requested: bool = False

    def raise_if_requested(self) -> None:
        if self.requested:
            raise Stopped

    def on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  a signal handler's shape
        self.requested = True


@contextmanager
def deferred_signals() -> Iterator[StopRequest]:
    """Records signals until the block ends, instead of ending the process on the spot."""
    request = StopRequest()
    before = {number: signal.signal(number, request.on_signal) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
