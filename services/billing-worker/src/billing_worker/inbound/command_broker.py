"""Commands go on flowing whatever the broker does: a client that was turned away for good is given a new start.

FastStream's client comes back from a lost server by itself. One that a server refuses (while credentials are rolled)
is closed by nats-py for ever, and nothing would say so but silence. Where a new start does not help either, whoever
watches over the process is told to start that anew.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from faststream.nats import NatsBroker
from faststream.nats.subscriber.usecases import LogicSubscriber

from egpay.adapters.nats.yielding_client import YieldingClient

START = 10.0
"""Seconds that a new start may take."""
_log = logging.getLogger(__name__)


class CommandBroker(NatsBroker):
    """FastStream's broker, which can be stopped also when its connection is gone, and then started again."""

    _taking = False
    _silent_since: float | None = None

    async def start(self) -> None:
        """Connect and take commands; what fails half-way takes none, though it may be connected."""
        self._taking = False
        await super().start()
        self._taking = True

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """End what is in hand and let go of the connection, in whatever state it is."""
        if self._connection is not None and self._connection.is_closed:
            self._forget_subscriptions()
        try:
            await super().stop(exc_type, exc_val, exc_tb)
        except Exception as error:  # noqa: BLE001 - what cannot be said goodbye to is left all the same
            _log.warning(
                "the client for commands leaves without a word", extra={"reason": type(error).__name__}
            )
            lost, self._connection = self._connection, None
            self.config.disconnect()
            if lost is not None:
                with suppress(OSError):
                    await lost.close()

    async def keep_taking(
        self, reachable: Callable[[], bool] = lambda: True, *, every: float = 2.0, patience: int = 3
    ) -> None:
        """Look every so many seconds, until cancelled, whether commands can come, and start anew after `patience` looks
        in vain, or at once where none ever will; to be supervised. `reachable` says whether another client of this
        process reaches the broker: while none does, it is no fault of ours."""
        silent = 0
        while True:
            await asyncio.sleep(every)
            if self._taking and await self.ping(timeout=every):
                silent, self._silent_since = 0, None
                continue
            silent += 1
            self._silent_since = (self._silent_since or time.monotonic()) if reachable() else None
            if silent >= patience or self._over:
                _log.warning("the client for commands starts anew", extra={"count": silent})
                await self.stop()
                with suppress(TimeoutError):  # nats-py would try for ever, and nobody would look any more
                    async with asyncio.timeout(START):
                        await self.start()
                silent = 0

    def stuck(self, *, longer_than: float = 60.0) -> str | None:
        """Why this process should be started anew: no command could come for so many seconds, whatever was tried,
        though the broker answers."""
        if self._silent_since is None or time.monotonic() - self._silent_since < longer_than:
            return None
        return f"no commands come, for {time.monotonic() - self._silent_since:.0f} s"

    def _forget_subscriptions(self) -> None:
        """A subscription of a closed connection cannot be ended, and FastStream would begin no other in its place."""
        for subscriber in self.subscribers:
            if isinstance(subscriber, LogicSubscriber):
                subscriber.subscription = subscriber._fetch_sub = None  # noqa: SLF001 - it offers no other way

    @property
    def _over(self) -> bool:
        return not self._taking or self._connection is None or self._connection.is_closed

    async def _connect(self) -> YieldingClient:
        client = YieldingClient()
        await client.connect(**self._connection_kwargs)
        self.config.connect(client)
        return client
