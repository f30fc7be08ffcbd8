"""HTTP telemetry: counts every response as the caller sees it, and joins the caller's trace.

It is the outermost layer, because a framework's own middleware does not see responses that are made further
out: Litestar's counts a 429 as 200 and a 404 not at all.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from prometheus_client import Counter, Histogram

from egpay.telemetry.metrics import Metrics
from egpay.telemetry.trace import following, next_hop

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""ASGI 3 (asgi.readthedocs.io/en/latest/specs/main.html)."""

COUNT_MALFORMED = "egpay.count_malformed"
"""Key in the state of an ASGI lifespan: the function by which the server counts what no application sees."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_template(scope: Scope) -> str:
    """Route template, `/v1/sales/{sale_id}`, as Litestar stores it; `unmatched` for all unknown paths."""
    return str(scope.get("path_template") or "unmatched")


def count_malformed_in(app: App, metrics: Metrics) -> App:
    """ASGI middleware that only leaves the server the counter of malformed requests, at the start."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        _offer(scope, metrics)
        await app(scope, receive, send)

    return counted


def _offer(scope: Scope, metrics: Metrics) -> None:
    if scope["type"] == "lifespan" and "state" in scope:
        scope["state"][COUNT_MALFORMED] = metrics.http_malformed.inc


class ObservedApp:
    """ASGI middleware: counts responses; `route` finds the template of a request, never its path."""

    def __init__(self, app: App, metrics: Metrics, *, route: Callable[[Scope], str] = route_template) -> None:
        """Wrap `app`."""
        self._app = app
        self._metrics = metrics
        self._buffered = metrics.buffered
        self._route = route
        # Looking up a series by its labels costs more than counting; methods, routes and statuses are few.
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; a request that ends without any response counts as 500."""
        if scope["type"] != "http":
            _offer(scope, self._metrics)
            try:
                await self._app(scope, receive, send)
            finally:
                self._buffered.flush()
            return
        status = 500
        began = time.perf_counter()

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with following(next_hop(caller_of(scope))):
                await self._app(scope, receive, watching)
        finally:
            self.count(scope["method"], self._route(scope), status, time.perf_counter() - began)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one response; the fast path, which bypasses this layer, calls it too."""
        key = method if method in _METHODS else "other", route, status
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._found(*key)
        self._buffered.count(series[0])
        self._buffered.observe(series[1], seconds)

    def _found(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        requests = self._metrics.http_requests.labels(method, route, str(status))
        return requests, self._metrics.http_seconds.labels(method, route)


def caller_of(scope: Scope) -> str | None:
    """The `traceparent` that the caller sent."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value, "latin-1") or None
    return None
