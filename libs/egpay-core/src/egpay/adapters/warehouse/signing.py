"""Message signing: signs instructions to the warehouse and verifies its reports with a shared secret.

The `standardwebhooks` library signs. Its own check is not used, because it reads the machine's clock and
raises whatever a malformed header provokes; a message is genuine when signing it again yields the signature
it carries.
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
    """Signs and verifies under one `whsec_...` secret; raises Defect when that is malformed."""

    __slots__ = ("_webhook",)

    def __init__(self, secret: str) -> None:
        """`secret` is the shared secret, `whsec_` and base64."""
        try:
            self._webhook = Webhook(secret)
        except Exception:  # noqa: BLE001 - the library raises differently for an empty and a garbled secret
            raise Defect("the warehouse's secret is not of the form whsec_<base64>") from None

    def headers(self, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
        """The three signature headers of a message of ours, signed as of `at`."""
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, at, body.decode()),
        }

    def check(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> str:
        """Verify a message and return its id; raises BadSignature otherwise."""
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
