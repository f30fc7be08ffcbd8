"""Malformed requests: aggregates what is not HTTP into one log line per interval, and counts each.

uvicorn logs a line for every one, so that a stranger could fill the disk at the speed of his connection.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from egpay.telemetry.http import COUNT_MALFORMED

_log = logging.getLogger(__name__)


class MalformedRequests:
    """Aggregated warning: logs the first malformed request at once, those of each interval after it as one.

    One for all connections of a process. A quiet interval ends it, and the next request is a first one again.
    """

    def __init__(self, interval: float = 60.0) -> None:
        """Log at most once in `interval` seconds."""
        self.interval = interval
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, loop: asyncio.AbstractEventLoop, app_state: Mapping[str, Any]) -> None:
        """Count one, by the counter that the application left in the state of its lifespan, if it did."""
        if count := app_state.get(COUNT_MALFORMED):
            count()
        self._count += 1
        if self._timer is None:
            self._report(loop)

    def _report(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._count == 0:
            self._timer = None
            return
        _log.warning("malformed requests", extra={"action": "malformed_requests", "count": self._count})
        self._count = 0
        self._timer = loop.call_later(self.interval, self._report, loop)
