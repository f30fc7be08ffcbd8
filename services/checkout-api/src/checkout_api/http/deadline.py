"""A limit for how long each of many things may take, at next to no price: one timer for all that are under way.

A timer of its own for each (asyncio.timeout) costs as much as verifying a webhook's signature.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Deadline:
    """One thing under way; `given_up` says that its time is over."""

    __slots__ = ("ended", "give_up", "given_up", "until")

    def __init__(self, until: float, give_up: Callable[[], object]) -> None:
        """It may take until this moment of the event loop's clock."""
        self.until, self.give_up = until, give_up
        self.ended = self.given_up = False

    def end(self) -> None:
        """It came to its end in time, or gave up; either way nothing more will be done about it."""
        self.ended = True


class Deadlines:
    """`seconds` for each turn; of one event loop, to be made before it runs or within it."""

    def __init__(self, seconds: float) -> None:
        """Nothing is under way."""
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, give_up: Callable[[], object]) -> Deadline:
        """Call `give_up` unless the turn ends in time."""
        loop, turns = self.loop(), self._turns
        while turns and turns[0].ended:
            turns.popleft()
        turn = Deadline(loop.time() + self._seconds, give_up)
        turns.append(turn)
        if self._timer is None:
            self._timer = loop.call_at(turn.until, self._look, loop)
        return turn

    def loop(self) -> asyncio.AbstractEventLoop:
        """The one that all this happens in. It is remembered, for in Python 3.11 asking which loop runs asks the kernel
        which process this is."""
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
