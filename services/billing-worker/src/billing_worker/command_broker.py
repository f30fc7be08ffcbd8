"""Commands go on flowing whatever the broker does: a client that was turned away for good is given a new start.

FastStream's client comes back from a lost server by itself. One that a server refuses (while credentials are rolled)
is closed by nats-py for ever, and nothing would say so but silence.
"""

import asyncio
import logging
from contextlib import suppress
from types import TracebackType

from faststream.nats import NatsBroker

_log = logging.getLogger(__name__)


class CommandBroker(NatsBroker):
    """FastStream's broker, which can be stopped also when its connection is gone, and then started again."""

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """End what is in hand and let go of the connection, in whatever state it is."""
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

    async def keep_taking(self, *, every: float = 2.0, patience: int = 3) -> None:
        """Look every so many seconds, until cancelled, whether the broker answers, and start anew after `patience`
        looks in vain; to be supervised."""
        silent = 0
        while True:
            await asyncio.sleep(every)
            silent = 0 if await self.ping(timeout=every) else silent + 1
            if silent >= patience:
                _log.warning("the client for commands starts anew", extra={"count": silent})
                await self.stop()
                await self.start()
                silent = 0
