"""Test servers: real HTTP on free ports, in the loop that runs the test."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import uvicorn


class InProcessServer(uvicorn.Server):
    """uvicorn that leaves the signals to the test runner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield

    async def main_loop(self) -> None:
        """Notices the end at once; uvicorn itself polls every 100 ms, which a suite of tests would feel."""
        await self.on_tick(0)
        await until(lambda: self.should_exit, within=3600.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes idle connections, gives running requests a second, then ends."""
        state = self.server_state
        for server in self.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            await until(lambda: not state.connections and not state.tasks, within=1.0)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()
        for sock in sockets or []:
            sock.close()


@contextlib.asynccontextmanager
async def served(app: Any, sock: socket.socket) -> AsyncIterator[None]:
    """Serves the ASGI application on this socket, for as long as the block lasts."""
    server = InProcessServer(uvicorn.Config(app, log_level="warning"))
    task = asyncio.get_running_loop().create_task(server.serve(sockets=[sock]))
    await until(lambda: server.started or task.done())
    try:
        yield
    finally:
        server.should_exit = True
        await task
        sock.close()


def free_socket() -> tuple[socket.socket, str]:
    """Opens a socket on a free port of 127.0.0.1, and returns it with its URL."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, f"http://127.0.0.1:{sock.getsockname()[1]}"


async def until(holds: Callable[[], object], within: float = 5.0) -> None:
    """Polls every 5 ms until it holds; TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)
