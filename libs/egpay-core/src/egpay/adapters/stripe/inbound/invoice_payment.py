"""Invoice payment translation: which payment intent paid which invoice.

docs.stripe.com/api/invoice-payment/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.invoice import PayerView
from egpay.adapters.stripe.inbound.translated import (
    Expanded,
    NotOurs,
    Translated,
    object_id,
    referred_id,
    required,
)
from egpay.domain.events import InvoicePaymentLinked
from egpay.domain.values import InvoiceId


class PaidInvoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an invoice payment that link its two sides."""

    invoice: InvoiceId | Expanded[InvoiceId] | None = None
    payment: PayerView | None = None


_decode = msgspec.json.Decoder(PaidInvoiceView).decode


def linked(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a payment towards an invoice; one that was made out of band has no payment intent."""
    settlement = _decode(raw)
    payer = required(settlement.payment, "payment")
    intent = referred_id(payer.payment_intent, "payment_intent")
    if intent is None:
        raise NotOurs("no payment intent is behind it")
    invoice = required(referred_id(settlement.invoice, "invoice"), "invoice")
    return Translated(
        InvoicePaymentLinked(**header, invoice_id=object_id(invoice, "invoice"), payment_intent_id=intent)
    )
