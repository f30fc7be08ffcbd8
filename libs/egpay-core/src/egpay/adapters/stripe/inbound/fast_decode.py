"""Fast path of decoding: decodes the commonest events in one pass, which saves a fifth of translation.

The last `type` of the body selects the decoder, because Stripe writes that at the end. Everything else takes
the slow path of two passes, which handles every case and names every fault.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from egpay.adapters.stripe.inbound.envelope import Envelope, is_plain
from egpay.adapters.stripe.inbound.invoice import InvoiceView
from egpay.adapters.stripe.inbound.session import SessionView
from egpay.adapters.stripe.inbound.subscription import SubscriptionView

_Decode = Callable[[bytes], Envelope[Any]]
_session: _Decode = msgspec.json.Decoder(Envelope[SessionView]).decode
_subscription: _Decode = msgspec.json.Decoder(Envelope[SubscriptionView]).decode
_invoice: _Decode = msgspec.json.Decoder(Envelope[InvoiceView]).decode

_COMMON: Mapping[bytes, _Decode] = {
    b"checkout.session.completed": _session,
    b"customer.subscription.created": _subscription,
    b"customer.subscription.updated": _subscription,
    b"customer.subscription.deleted": _subscription,
    b"invoice.paid": _invoice,
    b"invoice.payment_succeeded": _invoice,
    b"invoice.payment_failed": _invoice,
}


def fast_decode(body: bytes) -> Envelope[Any] | None:
    """The event with its object decoded; None when it is not a common one, or is odd in any way."""
    kind = _last_type(body)
    decode = _COMMON.get(kind)
    if decode is None:
        return None
    try:
        envelope = decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return envelope if envelope.type.encode() == kind and is_plain(envelope) else None


def _last_type(body: bytes) -> bytes:
    key = body.rfind(b'"type"')
    begin = body.find(b'"', key + 6) + 1
    return body[begin : body.find(b'"', begin)] if key >= 0 and begin else b""
