"""Checkout session translation: completed, expired, or paid or failed later.

docs.stripe.com/api/checkout/sessions/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    Expanded,
    Metadata,
    NotOurs,
    NotUnderstood,
    Translated,
    decode_if_raw,
    marked_installation,
    marked_sale_id,
    object_id,
    referred_id,
    required,
)
from egpay.domain.events import CheckoutCompleted, CheckoutExpired, CheckoutPaymentFailed
from egpay.domain.values import (
    CustomerId,
    InvoiceId,
    PaymentIntentId,
    SaleId,
    SessionId,
    SubscriptionId,
    TotalDetails,
)

_PAID = {"paid": True, "no_payment_required": True, "unpaid": False}


class CustomerDetailsView(msgspec.Struct, frozen=True):
    """Fields that the buyer typed at Checkout."""

    email: str | None = None


class TotalDetailsView(msgspec.Struct, frozen=True):
    """What was taken off or added to the lines; null where an old API version did not compute it."""

    amount_discount: Amount | None = None
    amount_shipping: Amount | None = None
    amount_tax: Amount | None = None

    def totals(self) -> TotalDetails:
        """The same in our words."""
        return TotalDetails(
            discount=self.amount_discount or 0, shipping=self.amount_shipping or 0, tax=self.amount_tax or 0
        )


class ConversionView(msgspec.Struct, frozen=True):
    """What a session asked in the seller's currency, where the buyer was shown another (Adaptive Pricing)."""

    amount_subtotal: Amount | None = None
    amount_total: Amount | None = None
    source_currency: Currency | None = None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a session that concern a sale."""

    id: SessionId
    metadata: Metadata | None = None
    client_reference_id: str | None = None
    payment_status: str | None = None
    amount_subtotal: Amount | None = None
    amount_total: Amount | None = None
    currency: Currency | None = None
    currency_conversion: ConversionView | None = None
    customer: CustomerId | Expanded[CustomerId] | None = None
    subscription: SubscriptionId | Expanded[SubscriptionId] | None = None
    invoice: InvoiceId | Expanded[InvoiceId] | None = None
    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | None = None
    customer_details: CustomerDetailsView | None = None
    customer_email: str | None = None
    total_details: TotalDetailsView | None = None

    def sale(self) -> SaleId:
        """The sale it was opened for; raises NotOurs without one. Every session of ours carries it twice."""
        sale_id = marked_sale_id(self.metadata, self.client_reference_id)
        if sale_id is None:
            raise NotOurs("the session carries no sale_id")
        return sale_id

    def installation(self) -> str | None:
        """The installation whose mark it bears."""
        return marked_installation(self.metadata)

    def paid(self) -> bool:
        """Whether it is paid, or no money is due (docs.stripe.com/checkout/fulfillment)."""
        status = required(self.payment_status, "payment_status")
        if status not in _PAID:
            raise NotUnderstood("payment_status is of a kind we do not know")
        return _PAID[status]

    def money(self) -> tuple[int, str]:
        """Amount and currency of the sale: a conversion to the buyer's currency is undone.

        docs.stripe.com/api/checkout/sessions/object#checkout_session_object-currency_conversion"""
        conversion = self.currency_conversion
        if conversion and conversion.amount_total is not None and conversion.source_currency:
            return conversion.amount_total, conversion.source_currency
        return required(self.amount_total, "amount_total"), required(self.currency, "currency")

    def subtotal(self) -> int | None:
        """What the lines cost before discount, tax and shipping, in the currency of `money`."""
        conversion = self.currency_conversion
        if conversion and conversion.amount_total is not None and conversion.source_currency:
            return conversion.amount_subtotal
        return self.amount_subtotal

    def buyer_email(self) -> str | None:
        """The buyer's e-mail: since 2020-08-27 `customer_details.email`; before, `customer_email`."""
        return (self.customer_details and self.customer_details.email) or self.customer_email


_decode = msgspec.json.Decoder(SessionView).decode


def completed(header: EventHeader, raw: msgspec.Raw | SessionView) -> Translated:
    """Translate a completed session; a delayed payment method may still be pending."""
    session = decode_if_raw(raw, _decode)
    return _completed(header, session, session.sale(), paid=session.paid())


def paid_later(header: EventHeader, raw: msgspec.Raw | SessionView) -> Translated:
    """Translate the success of a delayed payment method."""
    session = decode_if_raw(raw, _decode)
    return _completed(header, session, session.sale(), paid=True)


def expired(header: EventHeader, raw: msgspec.Raw | SessionView) -> Translated:
    """Translate a session that expired unpaid."""
    session = decode_if_raw(raw, _decode)
    return Translated(
        CheckoutExpired(
            **header,
            sale_id=session.sale(),
            installation=session.installation(),
            session_id=object_id(session.id, "id"),
        )
    )


def failed_later(header: EventHeader, raw: msgspec.Raw | SessionView) -> Translated:
    """Translate the failure of a delayed payment method."""
    session = decode_if_raw(raw, _decode)
    return Translated(
        CheckoutPaymentFailed(
            **header,
            sale_id=session.sale(),
            installation=session.installation(),
            session_id=object_id(session.id, "id"),
        )
    )


def _completed(header: EventHeader, session: SessionView, sale_id: SaleId, *, paid: bool) -> Translated:
    amount, currency = session.money()
    event = CheckoutCompleted(
        **header,
        sale_id=sale_id,
        installation=session.installation(),
        session_id=object_id(session.id, "id"),
        paid=paid,
        amount=amount,
        currency=currency,
        customer_id=referred_id(session.customer, "customer"),
        subscription_id=referred_id(session.subscription, "subscription"),
        invoice_id=referred_id(session.invoice, "invoice"),
        payment_intent_id=referred_id(session.payment_intent, "payment_intent"),
        totals=session.total_details.totals() if session.total_details else None,
        subtotal=session.subtotal(),
    )
    return Translated(event, session.buyer_email())
