"""Command broker: restarts a NATS client that the server refused, because nats-py never reconnects it.

FastStream's client reconnects to a lost server by itself. One that a server refuses (while credentials are rolled)
is closed by nats-py for ever, and nothing but silence would show it. When a restart does not help either, `stuck` asks
for a restart of the process.
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
"""Seconds that a restart may take."""
_log = logging.getLogger(__name__)


class CommandBroker(NatsBroker):
    """FastStream's broker that can also be stopped without a connection, and then started again."""

    _taking = False
    _silent_since: float | None = None

    async def start(self) -> None:
        """Connect and consume; a start that fails half-way consumes nothing, though it may be connected."""
        self._taking = False
        await super().start()
        self._taking = True

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """Finish what is in hand and close the connection, in whatever state it is."""
        if self._connection is not None and self._connection.is_closed:
            self._forget_subscriptions()
        try:
            await super().stop(exc_type, exc_val, exc_tb)
        except Exception as error:  # noqa: BLE001 - a connection that cannot be closed cleanly is dropped
            _log.warning(
                "command broker closed uncleanly",
                extra={"action": "command_broker_dropped", "reason": type(error).__name__},
            )
            lost, self._connection = self._connection, None
            self.config.disconnect()
            if lost is not None:
                with suppress(OSError):
                    await lost.close()

    async def keep_taking(
        self, reachable: Callable[[], bool] = lambda: True, *, every: float = 2.0, patience: int = 3
    ) -> None:
        """Watchdog: restarts the client after `patience` failed pings, or at once when it is closed for ever.

        It pings every `every` seconds until cancelled, under supervision. `reachable` says whether another client of
        this process reaches the broker: while none does, the fault is not this client's.
        """
        silent = 0
        while True:
            await asyncio.sleep(every)
            if self._taking and await self.ping(timeout=every):
                silent, self._silent_since = 0, None
                continue
            silent += 1
            self._silent_since = (self._silent_since or time.monotonic()) if reachable() else None
            if silent >= patience or self._over:
                _log.warning(
                    "command broker restarting",
                    extra={"action": "command_broker_restarting", "count": silent},
                )
                await self.stop()
                with suppress(TimeoutError):  # nats-py would try for ever, and this watchdog with it
                    async with asyncio.timeout(START):
                        await self.start()
                silent = 0

    def stuck(self, *, longer_than: float = 60.0) -> str | None:
        """Return why this process should be restarted: no command could arrive for so many seconds.

        That is so although the client was restarted and the broker answers.
        """
        if self._silent_since is None or time.monotonic() - self._silent_since < longer_than:
            return None
        return f"no commands come, for {time.monotonic() - self._silent_since:.0f} s"

    def _forget_subscriptions(self) -> None:
        """Drop the subscriptions of a closed connection: they cannot be ended, and would block new ones."""
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
