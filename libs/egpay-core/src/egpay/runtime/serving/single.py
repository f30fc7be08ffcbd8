"""Single process server: serves until a signal, finishes requests in flight, and exits with 0."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from egpay.runtime.serving.http import ON_STOP, BoundedHttp
from egpay.runtime.serving.options import Options, url_of

_log = logging.getLogger(__name__)
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(options: Options, listener: socket.socket, *, announce: bool = True) -> int:
    """Serve on a socket until SIGTERM or SIGINT; return the exit code.

    The code is 0 after an orderly end, and uvicorn's 3 when the application could not start. `announce` logs
    the one line `listening` once requests are answered.
    """
    config = uvicorn.Config(
        options.factory,
        factory=True,
        loop="auto",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=options.trusted_proxies is not None,
        forwarded_allow_ips=options.trusted_proxies,
        timeout_keep_alive=options.keep_alive,
        timeout_graceful_shutdown=options.grace,
        backlog=options.backlog,
    )
    server = _Server(config, url_of(listener) if announce else None)
    for number in STOP_SIGNALS:
        signal.signal(number, server.remember)
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))
    except asyncio.CancelledError:
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


class _Server(uvicorn.Server):
    """uvicorn that exits with 0 on a signal: by itself it raises the signal again and dies of it (143)."""

    def __init__(self, config: uvicorn.Config, url: str | None) -> None:
        super().__init__(config)
        self._url = url
        self._asked = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except asyncio.CancelledError:
            # uvicorn would report the start that is cancelled here as a failure of the application
            logging.getLogger("uvicorn.error").disabled = True
            raise
        if self._url and not self.should_exit:
            _log.info("listening", extra={"action": "listening", "url": self._url})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if leave := self.lifespan.state.get(ON_STOP):
            leave()
        await super().shutdown(sockets)

    def remember(self, _number: int, _frame: FrameType | None) -> None:
        """Record a signal that comes outside the event loop; it is handled as soon as the loop runs."""
        self._asked = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        serving = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            if not self.started and not self._asked and serving is not None:
                # an application that waits for its database would block the exit until the database is up
                loop.call_soon_threadsafe(serving.cancel)
            self._asked = True
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, leave) for number in STOP_SIGNALS}
        if self._asked and serving is not None:
            serving.cancel()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
