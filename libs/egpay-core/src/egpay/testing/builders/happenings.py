"""Event builders: events of providers and their receipts, each with an id of its own."""

from itertools import count
from typing import Any

import msgspec

from egpay.domain.events import (
    BillingEvent,
    CheckoutCompleted,
    InvoicePaid,
    PaymentRefunded,
    ShipmentReported,
    Source,
    SubscriptionChanged,
)
from egpay.domain.shipment import Progress
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SaleId, SessionId, SubscriptionId
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing.builders.records import moment

_numbers = count(1)


def checkout_completed(sale_id: SaleId | None, *, at: float = 0, **changes: Any) -> CheckoutCompleted:
    """A completed and paid Checkout of a sale."""
    event = CheckoutCompleted(
        id=_event_id(),
        occurred_at=moment(at),
        source=Source.STRIPE,
        sale_id=sale_id,
        session_id=SessionId(f"cs_{sale_id}"),
        paid=True,
        amount=16600,
        currency="eur",
    )
    return msgspec.structs.replace(event, **changes)


def subscription_changed(
    name: str = "sub_1",
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
    *,
    at: float = 0,
    **changes: Any,
) -> SubscriptionChanged:
    """A report of a subscription's status."""
    event = SubscriptionChanged(
        id=_event_id(),
        occurred_at=moment(at),
        source=Source.STRIPE,
        subscription_id=SubscriptionId(name),
        report=SubscriptionReport(status=status),
    )
    return msgspec.structs.replace(event, **changes)


def invoice_paid(name: str = "in_1", *, at: float = 0, **changes: Any) -> InvoicePaid:
    """A payment of the first invoice of an order."""
    event = InvoicePaid(
        id=_event_id(),
        occurred_at=moment(at),
        source=Source.STRIPE,
        invoice_id=InvoiceId(name),
        amount=16600,
        currency="eur",
        initial=True,
    )
    return msgspec.structs.replace(event, **changes)


def payment_refunded(payment_intent: str = "pi_1", *, at: float = 0, **changes: Any) -> PaymentRefunded:
    """A full refund of a payment."""
    event = PaymentRefunded(
        id=_event_id(),
        occurred_at=moment(at),
        source=Source.STRIPE,
        payment_intent_id=PaymentIntentId(payment_intent),
        amount_refunded=16600,
        in_full=True,
    )
    return msgspec.structs.replace(event, **changes)


def shipment_reported(sale_id: SaleId, progress: Progress, *, at: float = 0) -> ShipmentReported:
    """A report of a shipment's progress by the warehouse."""
    return ShipmentReported(
        id=_event_id(), occurred_at=moment(at), source=Source.WAREHOUSE, sale_id=sale_id, progress=progress
    )


def receipt(of: BillingEvent, /, **changes: Any) -> Receipt:
    """The receipt of an event's webhook, with a body of its own."""
    received = Receipt(
        source=of.source,
        event_id=of.id,
        type=str(type(of).__struct_config__.tag),
        body=b'{"id": "%s"}' % of.id.encode(),
        occurred_at=of.occurred_at,
        disposition=Disposition.ACCEPTED,
        event=of,
        sale_id=of.sale_id,
    )
    return msgspec.structs.replace(received, **changes)


def _event_id() -> MessageId:
    return MessageId(f"evt_{next(_numbers)}")
