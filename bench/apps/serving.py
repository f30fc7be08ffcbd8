"""A bare uvicorn in two processes on one port: what the yardsticks run on, and nothing of ours."""

import asyncio
import os
import socket
import sys
from typing import Any

import uvicorn


def serve(make: Any, port: int, workers: int) -> None:
    """Serve `make()`, an ASGI application for each process, until a signal ends us."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    for _ in range(workers - 1):
        if os.fork() == 0:
            break
    config = uvicorn.Config(
        make(),
        log_config=None,
        access_log=False,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        proxy_headers=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))


def arguments() -> tuple[int, int]:
    """`<port> <workers>` of the command line."""
    return int(sys.argv[1]), int(sys.argv[2])
