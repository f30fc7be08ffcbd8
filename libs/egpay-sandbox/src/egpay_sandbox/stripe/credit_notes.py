"""Credit notes of an invoice: issued, changed and voided."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import invoice_closing
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, missing_parameter, wrong_state
from egpay_sandbox.stripe.customer_balances import change_balance
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import CreditNote, CreditNoteLine, Invoice
from egpay_sandbox.stripe.objects.credit_note import CreditedRefund
from egpay_sandbox.stripe.refunds import create_refund
from egpay_sandbox.stripe.requests.balances import CreditNoteCreate, CreditNoteLineParams, CreditNoteUpdate
from egpay_sandbox.stripe.requests.refunds import RefundCreate


def issue_credit_note(account: SandboxAccount, params: CreditNoteCreate) -> CreditNote:
    """Credits a part of an invoice, or the whole: emits `credit_note.created` and `invoice.updated`.

    On an open invoice it lowers what is owed. On a paid one refunds, credit for the balance and money given back
    out of band must add up to it; a refund that is asked for is made before.
    """
    invoice = get_or_404(account.invoices, params.invoice, "invoice")
    if invoice.status not in ("open", "paid"):
        raise wrong_state(f"Invoice {invoice.id} is {invoice.status}.")
    amount, lines = _lines(account, invoice, params)
    note = CreditNote(
        id=new_id("cn"),
        created=account.clock.now(),
        amount=amount,
        currency=invoice.currency,
        customer=invoice.customer or "",
        invoice=invoice.id,
        number=f"{invoice.number}-CN-{len(account.credit_notes) + 1:02}",
        prepaid=invoice.status == "open",
        lines=lines,
        reason=params.reason,
        memo=params.memo,
        metadata=merge_metadata({}, params.metadata),
    )
    if not note.prepaid:
        note = _given_back(account, invoice, note, params)
    account.credit_notes.store(note)
    account.emit("credit_note.created", note)
    invoice_closing.credit_invoice(account, invoice, amount)
    return note


def update_credit_note(account: SandboxAccount, params: CreditNoteUpdate, note_id: str) -> CreditNote:
    """Updates memo and metadata: emits `credit_note.updated` when something changed."""
    before = get_or_404(account.credit_notes, note_id)
    after = msgspec.structs.replace(
        before,
        memo=before.memo if params.memo is None else params.memo or None,
        metadata=merge_metadata(before.metadata, params.metadata),
    )
    if after != before:
        account.credit_notes.store(after)
        account.emit("credit_note.updated", after, before)
    return after


def void_credit_note(account: SandboxAccount, note_id: str) -> CreditNote:
    """Voids a credit note: emits `credit_note.voided`."""
    before = get_or_404(account.credit_notes, note_id)
    if before.status == "void":
        raise wrong_state(f"Credit note {note_id} is void already.")
    invoice = account.invoices[before.invoice]
    if before.prepaid and invoice.status != "open":
        raise wrong_state(f"Invoice {invoice.id} is {invoice.status}.")
    after = account.credit_notes.store(
        msgspec.structs.replace(before, status="void", voided_at=account.clock.now())
    )
    account.emit("credit_note.voided", after)
    invoice_closing.credit_invoice(account, invoice, -before.amount)
    return after


def _lines(
    account: SandboxAccount, invoice: Invoice, params: CreditNoteCreate
) -> tuple[int, list[CreditNoteLine]]:
    lines = [_line(invoice, line, n) for n, line in enumerate(params.lines or [])]
    rest = invoice.total - sum(
        note.amount for note in account.credit_notes if note.invoice == invoice.id and note.status == "issued"
    )
    if invoice.status == "open":
        rest = min(rest, invoice.amount_due)
    amount = sum(line.amount for line in lines) if lines else rest if params.amount is None else params.amount
    if not 0 < amount <= rest:
        raise StripeApiError("The credit note exceeds what is left of the invoice.", param="amount")
    if not lines:
        lines = [CreditNoteLine(id=new_id("cnli"), amount=amount, description="Credit")]
    return amount, lines


def _line(invoice: Invoice, params: CreditNoteLineParams, n: int) -> CreditNoteLine:
    credited = next((line for line in invoice.lines if line.id == params.invoice_line_item), None)
    if params.type == "invoice_line_item" and credited is None:
        raise missing_parameter(f"lines[{n}][invoice_line_item]")
    unit = credited.unit_amount if credited else params.unit_amount or 0
    return CreditNoteLine(
        id=new_id("cnli"),
        amount=unit * params.quantity if params.amount is None else params.amount,
        description=params.description or (credited.description if credited else "Credit"),
        quantity=params.quantity,
        invoice_line_item=credited.id if credited else None,
    )


def _given_back(
    account: SandboxAccount, invoice: Invoice, note: CreditNote, params: CreditNoteCreate
) -> CreditNote:
    linked = []
    for n, link in enumerate(params.refunds or []):
        refund = get_or_404(account.refunds, link.refund, f"refunds[{n}][refund]")
        linked.append(CreditedRefund(refund=refund.id, amount=link.amount_refunded or refund.amount))
    sums = [sum(link.amount for link in linked), params.refund_amount, params.credit_amount]
    if sum(sums) + params.out_of_band_amount != note.amount:
        raise StripeApiError(
            "The sum of refunds, refund_amount, credit_amount and out_of_band_amount must be the credit note's "
            f"amount ({note.amount}).",
            param="refund_amount",
        )
    if params.refund_amount:
        asked = RefundCreate(payment_intent=_intent(account, invoice), amount=params.refund_amount)
        linked.append(CreditedRefund(refund=create_refund(account, asked).id, amount=params.refund_amount))
    transaction = None
    if params.credit_amount:
        transaction = change_balance(
            account, note.customer, -params.credit_amount, note.currency, "credit_note", credit_note=note.id
        ).id
    return msgspec.structs.replace(
        note,
        refunds=linked,
        credited=params.credit_amount,
        out_of_band=params.out_of_band_amount,
        balance_transaction=transaction,
    )


def _intent(account: SandboxAccount, invoice: Invoice) -> str:
    for link in account.invoice_payments:
        if link.invoice == invoice.id and link.status == "paid" and link.payment_intent is not None:
            return link.payment_intent
    raise wrong_state(f"Invoice {invoice.id} has no payment to refund.")
