"""Credit note reported: what it paid out of band or put on the balance is given back, the rest is paper."""

from billing_worker.rules.invoice_lookup import payment_of_invoice
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.credits import CreditRecord
from egpay.domain.events import CreditNoteReported


def credit_note_reported(event: CreditNoteReported, books: Books) -> Books:
    """Add the note to the payment of its invoice; a refund that it is linked to counts once, as a refund."""
    payment = payment_of_invoice(books, event)
    if payment is None:
        return books
    note = CreditRecord(
        given_back=event.given_back,
        owed_less=event.owed_less,
        currency=event.currency,
        voided=event.voided,
        reported_at=event.occurred_at,
    )
    after = payment.credited_by(event.credit_note_id, note)
    before, now = payment.credit_notes.get(event.credit_note_id), after.credit_notes[event.credit_note_id]
    if before is None or before.voided is not now.voided:
        word = "voided" if now.voided else "issued"
        what, about = f"credit note {event.credit_note_id} is {word}", after.sale_id or after.id
        books = add_entry(books, event, f"credit_note.{word}", what, about=about, sale_id=after.sale_id)
    return sync_money(books, payment, after, event)
