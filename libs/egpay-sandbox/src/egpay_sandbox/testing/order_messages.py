"""Order messages: tells the warehouse as egpay does, signed, and reads what it answered by callback."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from egpay_sandbox.testing.running_sandbox import RunningSandbox

_PARCEL = {
    "name": "Ada",
    "address": {"line1": "Ring 1", "city": "Wien", "country": "AT"},
    "items": [{"product": "reader", "name": "Reader", "quantity": 3}],
}


async def tell_warehouse(
    sandbox: RunningSandbox,
    kind: str,
    webhook_id: str,
    sale: str = "sale_1",
    revision: int | None = None,
    **more: Any,
) -> httpx.Response:
    """Sends a message about a sale; a request asks for three readers unless `more` says otherwise."""
    data: dict[str, Any] = {"sale_id": sale, **({"revision": revision} if revision else {})}
    data |= (_PARCEL if kind == "shipment.requested" else {}) | more
    now = datetime.fromtimestamp(sandbox.internals.clock.wall(), UTC)
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    secret = sandbox.internals.config.warehouse_secret
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }
    return await sandbox.http.post("/warehouse/orders", content=body, headers=headers)


def callbacks(sandbox: RunningSandbox) -> list[tuple[str, dict[str, Any], str]]:
    """Lists the callbacks received, with verified signatures: kind, `data` and webhook-id."""
    secret = sandbox.internals.config.warehouse_secret
    heard = [h for h in sandbox.receiver.received if h.path == "/webhooks/warehouse"]
    bodies = [(Webhook(secret).verify(h.body, h.headers), h.headers["webhook-id"]) for h in heard]
    return [(body["type"], body["data"], webhook_id) for body, webhook_id in bodies]
