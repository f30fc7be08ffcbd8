"""Standard Webhooks both ways, with one shared secret (standardwebhooks.com)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook, WebhookVerificationError

from egpay_sandbox.clock import Clock
from egpay_sandbox.collection import Collection
from egpay_sandbox.delivery.delivery_log import WebhookDelivery
from egpay_sandbox.delivery.outbound_requests import OutboundRequest
from egpay_sandbox.warehouse.orders import WarehouseCallback


def verify_signature(secret: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Returns the webhook-id of a message with a good and recent signature, or None."""
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return None
    return headers["webhook-id"]


class CallbackBuilder:
    """Builds the requests of the `warehouse` channel."""

    def __init__(self, callbacks: Collection[WarehouseCallback], clock: Clock, url: str, secret: str) -> None:
        self._callbacks = callbacks
        self._clock = clock
        self._url = url
        self._secret = secret

    def __call__(self, delivery: WebhookDelivery, *, bad_signature: bool) -> OutboundRequest | None:
        """Builds the callback under its own stable webhook-id, signed for this moment."""
        callback = self._callbacks.get(delivery.subject)
        if callback is None:
            return None
        body = json.dumps(_payload(callback))
        now = datetime.fromtimestamp(int(self._clock.wall()), UTC)
        secret = "whsec_bm90LXRoZS1yaWdodC1zZWNyZXQ=" if bad_signature else self._secret
        return OutboundRequest(
            url=self._url,
            headers={
                "Content-Type": "application/json",
                "webhook-id": callback.id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(secret).sign(callback.id, now, body),
            },
            body=body.encode(),
        )


def _payload(callback: WarehouseCallback) -> dict[str, object]:
    return {
        "type": callback.type,
        "timestamp": datetime.fromtimestamp(callback.at, UTC).isoformat(),
        "data": {
            "sale_id": callback.sale,
            **({} if callback.parcel is None else {"parcel": callback.parcel}),
            "carrier": callback.carrier,
            "tracking_number": callback.tracking_number,
            "tracking_url": callback.tracking_url,
        },
    }
