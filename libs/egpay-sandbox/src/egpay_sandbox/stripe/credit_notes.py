"""Credit notes of an invoice: issued and voided."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, wrong_state
from egpay_sandbox.stripe.objects import CreditNote


def issue_credit_note(account: SandboxAccount, invoice_id: str, amount: int | None) -> CreditNote:
    """Credits a part of an invoice, or the whole: emits `credit_note.created`.

    On an open invoice it lowers what is owed, on a paid one it is money given back out of band.
    """
    invoice = get_or_404(account.invoices, invoice_id)
    if invoice.status not in ("open", "paid"):
        raise wrong_state(f"Invoice {invoice_id} is {invoice.status}.")
    credited = sum(note.amount for note in account.credit_notes if _counts(note, invoice_id))
    wanted = invoice.total - credited if amount is None else amount
    if not 0 < wanted <= invoice.total - credited:
        raise StripeApiError("The credit note exceeds what is left of the invoice.", param="amount")
    note = account.credit_notes.store(
        CreditNote(
            id=new_id("cn"),
            created=account.clock.now(),
            amount=wanted,
            currency=invoice.currency,
            customer=invoice.customer or "",
            invoice=invoice.id,
            number=f"{invoice.number}-CN-{len(account.credit_notes) + 1:02}",
            prepaid=invoice.status == "open",
        )
    )
    account.emit("credit_note.created", note)
    return note


def void_credit_note(account: SandboxAccount, note_id: str) -> CreditNote:
    """Voids a credit note: emits `credit_note.voided`."""
    before = get_or_404(account.credit_notes, note_id)
    if before.status == "void":
        raise wrong_state(f"Credit note {note_id} is void already.")
    after = account.credit_notes.store(
        msgspec.structs.replace(before, status="void", voided_at=account.clock.now())
    )
    account.emit("credit_note.voided", after)
    return after


def _counts(note: CreditNote, invoice_id: str) -> bool:
    return note.invoice == invoice_id and note.status == "issued"
