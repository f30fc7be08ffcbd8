"""Payment action required: asks the payer of a renewal to confirm it, once for each invoice."""

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import SendLetter
from egpay.domain.events import PaymentActionRequired
from egpay.domain.letters import LetterKind, letter_key


def payment_action_required(event: PaymentActionRequired, books: Books) -> Books:
    """Ask for the letter; at the first invoice the buyer confirms on the Checkout page itself."""
    about = event.sale_id or event.subscription_id or event.invoice_id
    what = f"the bank wants invoice {event.invoice_id} confirmed"
    books = add_entry(books, event, "payment.action_required", what, about=about)
    if event.initial or event.subscription_id is None:
        return books
    return books.with_commands(
        SendLetter(
            id=letter_key(LetterKind.CONFIRM_PAYMENT, invoice=event.invoice_id),
            kind=LetterKind.CONFIRM_PAYMENT,
            occurred_at=event.occurred_at,
            source=event.source,
            sale_id=event.sale_id,
            subscription_id=event.subscription_id,
            invoice_id=event.invoice_id,
        )
    )
