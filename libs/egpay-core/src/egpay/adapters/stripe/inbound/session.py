"""Checkout sessions: the buyer came to an end of the payment page, with or without paying.

docs.stripe.com/api/checkout/sessions/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import About
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    Expanded,
    Metadata,
    NotOurs,
    NotUnderstood,
    Understood,
    needed,
    ref,
    sale_of,
    seen,
)
from egpay.domain.events import CheckoutCompleted, CheckoutExpired, CheckoutPaymentFailed
from egpay.domain.values import CustomerId, InvoiceId, PaymentIntentId, SaleId, SessionId, SubscriptionId

_PAID = {"paid": True, "no_payment_required": True, "unpaid": False}


class Buyer(msgspec.Struct, frozen=True):
    """What the buyer typed at Checkout."""

    email: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a session that matters to a sale."""

    id: SessionId
    metadata: Metadata | None = None
    client_reference_id: str | None = None
    payment_status: str | None = None
    amount_total: Amount | None = None
    currency: Currency | None = None
    customer: CustomerId | Expanded[CustomerId] | None = None
    subscription: SubscriptionId | Expanded[SubscriptionId] | None = None
    invoice: InvoiceId | Expanded[InvoiceId] | None = None
    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | None = None
    customer_details: Buyer | None = None
    customer_email: str | None = None

    def sale(self) -> SaleId:
        """The sale it was opened for; every session of ours carries it twice."""
        sale_id = sale_of(self.metadata, self.client_reference_id)
        if sale_id is None:
            raise NotOurs("the session carries no sale_id")
        return sale_id

    def paid(self) -> bool:
        """The money is there, or none is due (docs.stripe.com/checkout/fulfillment)."""
        status = needed(self.payment_status, "payment_status")
        if status not in _PAID:
            raise NotUnderstood("payment_status is of a kind we do not know")
        return _PAID[status]

    def buyer_email(self) -> str | None:
        """Since 2020-08-27 `customer_details.email`; before, `customer_email`."""
        return (self.customer_details and self.customer_details.email) or self.customer_email


_decode = msgspec.json.Decoder(Session).decode


def completed(about: About, raw: msgspec.Raw | Session) -> Understood:
    """The page was completed; a delayed payment method may still be under way."""
    session = seen(raw, _decode)
    return _completed(about, session, session.sale(), paid=session.paid())


def paid_later(about: About, raw: msgspec.Raw | Session) -> Understood:
    """The money of a delayed payment method has arrived."""
    session = seen(raw, _decode)
    return _completed(about, session, session.sale(), paid=True)


def expired(about: About, raw: msgspec.Raw | Session) -> Understood:
    """The page closed before anybody paid."""
    session = seen(raw, _decode)
    return Understood(CheckoutExpired(**about, sale_id=session.sale(), session_id=session.id))


def failed_later(about: About, raw: msgspec.Raw | Session) -> Understood:
    """A delayed payment method came back without the money."""
    session = seen(raw, _decode)
    return Understood(CheckoutPaymentFailed(**about, sale_id=session.sale(), session_id=session.id))


def _completed(about: About, session: Session, sale_id: SaleId, *, paid: bool) -> Understood:
    event = CheckoutCompleted(
        **about,
        sale_id=sale_id,
        session_id=session.id,
        paid=paid,
        amount=needed(session.amount_total, "amount_total"),
        currency=needed(session.currency, "currency"),
        customer_id=ref(session.customer),
        subscription_id=ref(session.subscription),
        invoice_id=ref(session.invoice),
        payment_intent_id=ref(session.payment_intent),
    )
    return Understood(event, session.buyer_email())
