"""Events of a payment as releases before 0024 wrote them: read for one release, and not written any more."""

from typing import Any

import msgspec

from egpay.domain.events.payments import DisputeReported, PaymentEvent, RefundReported
from egpay.domain.refunds import RefundStatus


class RefundFailed(PaymentEvent, frozen=True, kw_only=True, tag="refund_failed"):
    """A refund, `refund_id`, of a payment failed. Now `RefundReported`."""

    refund_id: str
    amount: int
    currency: str

    def as_reported(self) -> RefundReported:
        """The same in today's words."""
        return RefundReported(**_fields(self), status=RefundStatus.FAILED)


class DisputeOpened(PaymentEvent, frozen=True, kw_only=True, tag="dispute_opened"):
    """The buyer's bank disputed a payment. Now `DisputeReported`."""

    dispute_id: str

    def as_reported(self) -> DisputeReported:
        """The same in today's words: it is about the whole payment, as that release took it."""
        return DisputeReported(**_fields(self), status="needs_response")


class DisputeClosed(PaymentEvent, frozen=True, kw_only=True, tag="dispute_closed"):
    """The bank decided a dispute. Now `DisputeReported`."""

    dispute_id: str
    won: bool

    def as_reported(self) -> DisputeReported:
        """The same in today's words: it is about the whole payment, as that release took it."""
        told = {name: value for name, value in _fields(self).items() if name != "won"}
        return DisputeReported(**told, status="won" if self.won else "lost")


def _fields(event: PaymentEvent) -> dict[str, Any]:
    return msgspec.structs.asdict(event)
