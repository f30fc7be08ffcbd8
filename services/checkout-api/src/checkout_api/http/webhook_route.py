"""Webhook route: reads, verifies and stores a webhook, then answers 200.

It is raw ASGI because Litestar's request handling would cost a third of the webhooks a second.
"""

from litestar import asgi
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from checkout_api.http.deadline import Deadlines
from checkout_api.http.request_body import take_body
from checkout_api.http.request_errors import MethodNotAllowed
from checkout_api.usecases.receive_webhook import ReceiveWebhook
from egpay.runtime.serving.http import came_whole

LIMIT = 1024 * 1024
"""Bytes of a webhook's body; Stripe's largest are a few tens of kilobytes."""


def webhook_route(path: str, receive_webhook: ReceiveWebhook, *, patience: float = 10.0) -> ASGIRouteHandler:
    """Raw ASGI route that answers 200 once the webhook is on disk.

    The application's one error mapping answers every error; `patience` is how many seconds a body may take.
    """

    reading = Deadlines(patience)

    @asgi(path, copy_scope=False)
    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            raise MethodNotAllowed("a webhook is posted")
        headers = {str(name, "latin-1"): str(value, "latin-1") for name, value in scope["headers"]}
        body = await take_body(receive, headers, limit=LIMIT, patience=reading, whole=came_whole(scope))
        await receive_webhook(body, headers)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return door
