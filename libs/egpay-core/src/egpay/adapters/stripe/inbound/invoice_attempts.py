"""Invoice attempts translation: a try to collect an invoice failed, or must be confirmed by the payer.

docs.stripe.com/billing/revenue-recovery
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.invoice import InvoiceView, our_invoice
from egpay.adapters.stripe.inbound.translated import Translated, object_id, required
from egpay.domain.events import InvoicePaymentFailed, PaymentActionRequired


def payment_failed(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate a failed attempt to collect an invoice."""
    invoice = our_invoice(raw)
    return Translated(
        InvoicePaymentFailed(
            **header,
            sale_id=invoice.sale_id(),
            installation=invoice.installation(),
            invoice_id=object_id(invoice.id, "id"),
            attempt=required(invoice.attempt_count, "attempt_count"),
            initial=invoice.initial(),
            subscription_id=invoice.subscription_id(),
            owed_since=invoice.owed_since(),
        )
    )


def action_required(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate a payment that the payer must confirm."""
    invoice = our_invoice(raw)
    return Translated(
        PaymentActionRequired(
            **header,
            sale_id=invoice.sale_id(),
            installation=invoice.installation(),
            invoice_id=object_id(invoice.id, "id"),
            initial=invoice.initial(),
            subscription_id=invoice.subscription_id(),
        )
    )
