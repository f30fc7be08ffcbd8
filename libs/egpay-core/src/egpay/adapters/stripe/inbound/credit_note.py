"""Credit note translation: paper, of which only a part is money by itself.

docs.stripe.com/api/credit_notes/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    Expanded,
    Translated,
    object_id,
    referred_id,
    required,
)
from egpay.domain.events import CreditNoteReported
from egpay.domain.values import InvoiceId


class LinkedRefundView(msgspec.Struct, frozen=True):
    """A refund that the note is linked to, and how much of it."""

    amount_refunded: Amount = 0


class CreditNoteView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a credit note that say what of it is money; `type` says so before the two amounts came."""

    id: str | None = None
    invoice: InvoiceId | Expanded[InvoiceId] | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    status: str | None = None
    type: str | None = None
    out_of_band_amount: Amount | None = None
    pre_payment_amount: Amount | None = None
    post_payment_amount: Amount | None = None
    customer_balance_transaction: str | Expanded[str] | None = None
    refunds: list[LinkedRefundView] | None = None

    def owed_less(self) -> int:
        """The part from before the payment."""
        if self.pre_payment_amount is not None:
            return self.pre_payment_amount
        return required(self.amount, "amount") if self.type == "pre_payment" else 0

    def given_back(self) -> int:
        """What was paid out of band, and what was put on the customer's balance.

        The latter is what is left of the part after the payment: the note names its movement without an amount.
        """
        out_of_band = self.out_of_band_amount or 0
        if self.customer_balance_transaction is None:
            return out_of_band
        after = self.post_payment_amount
        if after is None:
            after = required(self.amount, "amount") - self.owed_less()
        return max(out_of_band, after - sum(each.amount_refunded for each in self.refunds or ()))


_decode = msgspec.json.Decoder(CreditNoteView).decode


def reported(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a credit note, made, changed or voided."""
    note = _decode(raw)
    invoice = required(referred_id(note.invoice, "invoice"), "invoice")
    return Translated(
        CreditNoteReported(
            **header,
            credit_note_id=object_id(required(note.id, "id"), "id"),
            invoice_id=invoice,
            currency=required(note.currency, "currency"),
            given_back=note.given_back(),
            owed_less=note.owed_less(),
            voided=required(note.status, "status") == "void",
        )
    )
