"""Webhook routes, and the fast path that calls them without the framework's router, to save its cost.

Finding and guarding a route costs the framework as much as verifying a webhook.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from litestar import Litestar, asgi
from litestar import types as litestar_types
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler
from litestar.routes import ASGIRoute

from checkout_api.http.problems import MEDIA_TYPE, ProblemAnswer, problem_response
from checkout_api.http.request_errors import MethodNotAllowed
from checkout_api.http.request_limits import Deadlines, take_body
from checkout_api.usecases.receive_webhook import ReceiveWebhook
from egpay.runtime.serving.http import ON_STOP, body_complete
from egpay.telemetry.http import App, ObservedApp, Receive, Scope, Send, caller_of
from egpay.telemetry.metrics import Metrics
from egpay.telemetry.trace import following, next_hop

LIMIT = 1024 * 1024
"""Bytes of a webhook's body; Stripe's largest are a few tens of kilobytes."""


def webhook_route(path: str, receive_webhook: ReceiveWebhook, *, patience: float = 10.0) -> ASGIRouteHandler:
    """Raw ASGI route that answers 200 once the webhook is on disk.

    The application's one error mapping answers every error; `patience` is how many seconds a body may take.
    """

    reading = Deadlines(patience)

    @asgi(path, copy_scope=False)
    async def door(
        scope: litestar_types.Scope, receive: litestar_types.Receive, send: litestar_types.Send
    ) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            raise MethodNotAllowed("a webhook is posted")
        headers = {str(name, "latin-1"): str(value, "latin-1") for name, value in scope["headers"]}
        body = await take_body(receive, headers, limit=LIMIT, patience=reading, whole=body_complete(scope))
        await receive_webhook(body, headers)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return door


RawRoute = Callable[[Any, Any, Any], Awaitable[None]]


class WebhookFastPath:
    """Bypass of the router: calls a raw ASGI route directly when a POST names its exact path.

    Everything else about such a route (another method, a slash too many, CORS) is Litestar's as before. A raw route
    has answered 200 when it returns; one that raises has sent nothing yet, and its error becomes the same problem as
    on any route. All responses are counted, on both paths.
    """

    def __init__(
        self, service: Litestar, metrics: Metrics, *, on_stop: Callable[[], None] = lambda: None
    ) -> None:
        """Collect the raw routes of the service; the server calls `on_stop` when it begins to stop."""
        self._on_stop = on_stop
        self._others = ObservedApp(cast(App, service), metrics)
        self._doors: dict[str, RawRoute] = {
            route.path: route.route_handler.fn for route in service.routes if isinstance(route, ASGIRoute)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, by the fast path or by Litestar."""
        door = self._doors.get(scope.get("path", ""))
        if scope["type"] == "lifespan" and "state" in scope:
            scope["state"][ON_STOP] = self._on_stop
        if door is None or scope["type"] != "http" or scope["method"] != "POST":
            await self._others(scope, receive, send)
            return
        route = scope["path_template"] = scope["path"]
        status, began = 500, time.perf_counter()
        try:
            with following(next_hop(caller_of(scope))):
                try:
                    await door(scope, receive, send)
                    status = 200
                except Exception as error:  # noqa: BLE001 - every error has an answer
                    answer = problem_response(scope, error)
                    status = answer.status
                    await _send(answer, send)
        finally:
            self._others.count("POST", route, status, time.perf_counter() - began)


async def _send(answer: ProblemAnswer, send: Send) -> None:
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(answer.body)),
        **answer.headers,
    }
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
