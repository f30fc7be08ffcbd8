"""The secret shared with the warehouse: we prove who speaks, and believe no message without proof.

The `standardwebhooks` library signs. Its own check is not used, for it reads the machine's clock and raises whatever
a malformed header provokes; a message is genuine when signing it anew gives what it carries.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from egpay.domain.errors import Defect
from egpay.ports.webhooks import BadSignature

TOLERANCE = 300
"""Seconds between the warehouse's clock and ours, either way, as the specification advises."""

_LONGEST = 2048


class Signing:
    """Signs and checks under one `whsec_...` secret; raises Defect when it is none."""

    __slots__ = ("_webhook",)

    def __init__(self, secret: str) -> None:
        """Take the secret as the two sides agreed on it: `whsec_` and base64."""
        try:
            self._webhook = Webhook(secret)
        except Exception:  # noqa: BLE001 - the library tells an empty and a garbled secret in different ways
            raise Defect("the warehouse's secret is not of the form whsec_<base64>") from None

    def headers(self, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
        """The three headers that prove a message of ours, signed at this moment."""
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, at, body.decode()),
        }

    def check(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> str:
        """Return the id of a genuine message; raise BadSignature otherwise."""
        message_id, timestamp, signatures = (
            _header(headers, name) for name in ("id", "timestamp", "signature")
        )
        if not (
            timestamp.isdigit() and len(timestamp) <= 12 and abs(at.timestamp() - int(timestamp)) <= TOLERANCE
        ):
            raise BadSignature("the signature's time is not about now")
        try:
            expected = self._webhook.sign(
                message_id, datetime.fromtimestamp(int(timestamp), UTC), body.decode()
            )
        except UnicodeDecodeError:
            raise BadSignature("a body that is not UTF-8 cannot be checked") from None
        given = signatures.encode().split(b" ")
        if not any(hmac.compare_digest(expected.encode(), signature) for signature in given):
            raise BadSignature("no signature of the warehouse's")
        return message_id


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"webhook-{name}", "")
    if not 0 < len(value) <= _LONGEST or not value.isascii() or not value.isprintable():
        raise BadSignature(f"no readable webhook-{name} header")
    return value
