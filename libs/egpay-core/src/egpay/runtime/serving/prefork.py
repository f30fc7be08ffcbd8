"""Prefork: runs workers on one port, so that the crash of one costs only its own requests."""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType

import msgspec

from egpay.runtime.serving.options import Options

_log = logging.getLogger(__name__)
_TICK = 0.1
_FIRST_DELAY = 0.2
_LONGEST_DELAY = 10.0
_HEALTHY_AFTER = 10.0


@dataclass(slots=True)
class _Slot:
    """Slot of one worker, with its process and its restart delay."""

    number: int
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    delay: float = 0.0
    due: float = 0.0


class Prefork:
    """Prefork: starts workers on an open socket, replaces dead ones, and stops all at the end.

    A dead worker is replaced at once after a healthy life, and with a growing delay after short ones. Each
    worker holds the reading end of a pipe whose writing end only the parent holds, so that it exits when the
    parent dies in any way.
    """

    def __init__(self, options: Options, listener: socket.socket) -> None:
        """Serve `options.workers` times on `listener`."""
        self._options, self._listener = options, listener
        self._places = [_Slot(number) for number in range(options.workers)]
        self._leaving = False

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; return 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        with ExitStack() as stack:
            metrics = stack.enter_context(tempfile.TemporaryDirectory(prefix="egpay-metrics-"))
            self._lifeline, holds = os.pipe()
            stack.callback(os.close, self._lifeline)
            stack.callback(os.close, holds)
            while not self._leaving:
                for place in self._places:
                    self._look_after(place, metrics)
                time.sleep(_TICK)
            self._dismiss()
        return 0

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        self._leaving = True

    def _look_after(self, place: _Slot, metrics: str) -> None:
        if place.process is not None and place.process.poll() is None:
            return
        now = time.monotonic()
        if place.process is not None:
            lived = now - place.started
            place.delay = (
                0.0 if lived > _HEALTHY_AFTER else min(max(2 * place.delay, _FIRST_DELAY), _LONGEST_DELAY)
            )
            place.due = now + place.delay
            _log.error(
                "worker ended and is replaced",
                extra={
                    "action": "worker_replaced",
                    "pid": place.process.pid,
                    "code": place.process.returncode,
                    "delay": place.delay,
                },
            )
            place.process = None
        if now >= place.due and not self._leaving:
            place.process = self._start(place, metrics)
            place.started = now

    def _start(self, place: _Slot, metrics: str) -> "subprocess.Popen[bytes]":
        announce = place.number == 0 and place.started == 0.0
        shared = (self._listener.fileno(), self._lifeline)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "egpay.runtime.serving.worker"),
                msgspec.json.encode(self._options).decode(),
                *(str(descriptor) for descriptor in shared),
                *(metrics, "announce" if announce else "quiet"),
            ],
            stdin=subprocess.DEVNULL,
            pass_fds=shared,
        )

    def _dismiss(self) -> None:
        running = [place.process for place in self._places if place.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + self._options.grace + 5.0
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.error(
                    "worker does not leave and is killed",
                    extra={"action": "worker_killed", "pid": process.pid},
                )
                process.kill()
                process.wait()
