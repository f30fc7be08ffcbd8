"""Deadlines: limits how long each of many operations may take, by one timer for all of them.

A timer of its own for each (asyncio.timeout) costs as much as verifying a webhook's signature.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Deadline:
    """Deadline of one operation; `given_up` says that it has expired."""

    __slots__ = ("ended", "give_up", "given_up", "until")

    def __init__(self, until: float, give_up: Callable[[], object]) -> None:
        """Expire at `until` by the event loop's clock, and call `give_up` then."""
        self.until, self.give_up = until, give_up
        self.ended = self.given_up = False

    def end(self) -> None:
        """Finish: the operation ended, in time or not, so the deadline does nothing more."""
        self.ended = True


class Deadlines:
    """Deadlines of `seconds` each under one timer; of one event loop, made before it runs or within it."""

    def __init__(self, seconds: float) -> None:
        """Start without a deadline and without a timer."""
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, give_up: Callable[[], object]) -> Deadline:
        """Start a deadline; it calls `give_up` unless it is ended in time."""
        loop, turns = self.loop(), self._turns
        while turns and turns[0].ended:
            turns.popleft()
        turn = Deadline(loop.time() + self._seconds, give_up)
        turns.append(turn)
        if self._timer is None:
            self._timer = loop.call_at(turn.until, self._look, loop)
        return turn

    def loop(self) -> asyncio.AbstractEventLoop:
        """Event loop, cached because each look-up in Python 3.11 asks the kernel for the process id."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, turns = loop.time(), self._turns
        while turns and (turns[0].ended or turns[0].until <= now):
            turn = turns.popleft()
            if not turn.ended:
                turn.ended = turn.given_up = True
                turn.give_up()
        self._timer = loop.call_at(turns[0].until, self._look, loop) if turns else None
