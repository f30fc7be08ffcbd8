"""Server process: starts in a moment, and stops in a moment with code 0, whatever is still open."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import uvicorn

from egpay_sandbox.app import build
from egpay_sandbox.config import Config

_GRACEFUL_SHUTDOWN_SECONDS = 1


class SandboxServer(uvicorn.Server):
    """uvicorn, except that a signal stops it in order instead of killing it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT; uvicorn itself would raise the signal again afterwards."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self.stop)
        try:
            yield
        finally:
            for sign in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(sign)

    def stop(self) -> None:
        """Takes no more requests and stops soon; a second call stops at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(config: Config) -> None:
    """Serves until a signal stops it."""
    settings = uvicorn.Config(
        build(config),
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACEFUL_SHUTDOWN_SECONDS,
        server_header=False,
    )
    SandboxServer(settings).run()
