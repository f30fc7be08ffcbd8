"""Serving options: one set for a single process and for each of several."""

import socket

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Serving options of one service.

    `factory` is `package.module:function`; called without arguments in every process, it builds the ASGI
    application. `grace`: seconds that requests in flight have to end after SIGTERM. `trusted_proxies`:
    comma-separated addresses or networks whose X-Forwarded-* headers are trusted, `*` for all, None for none.
    `keep_alive`: seconds that an idle connection stays open; above the 60 s of common load balancers, so that
    the load balancer closes it first.
    """

    factory: str
    service: str
    host: str
    port: int
    workers: int = 1
    log_level: str = "INFO"
    log_format: str = "json"
    trusted_proxies: str | None = None
    grace: int = 10
    keep_alive: int = 75
    backlog: int = 2048


def bind(host: str, port: int, backlog: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one. Raises OSError when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # a restart must not wait for the predecessor's connections in TIME_WAIT
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The URL on which it really listens, `http://127.0.0.1:8000`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
