"""Invoice closing translation: an invoice that was voided or given up, so that nothing is owed for it."""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.invoice import InvoiceView, own_invoice
from egpay.adapters.stripe.inbound.translated import Translated, object_id, required
from egpay.domain.events import InvoiceClosed


def voided(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate a voided invoice."""
    return _closed(header, raw, voided=True)


def given_up(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate an invoice that was marked uncollectible."""
    return _closed(header, raw, voided=False)


def _closed(header: EventHeader, raw: msgspec.Raw | InvoiceView, *, voided: bool) -> Translated:
    invoice = own_invoice(raw)
    return Translated(
        InvoiceClosed(
            **header,
            sale_id=invoice.sale_id(),
            installation=invoice.installation(),
            invoice_id=object_id(invoice.id, "id"),
            voided=voided,
            initial=invoice.initial(),
            currency=required(invoice.currency, "currency"),
            subscription_id=invoice.subscription_id(),
        )
    )
