"""Ends of an invoice other than a payment: voided, written off, credited, paid out of band."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.customer_balances import unapply_balance
from egpay_sandbox.stripe.objects import Invoice, InvoicePayment


def void_invoice(account: SandboxAccount, invoice_id: str) -> Invoice:
    """Voids an invoice that is not paid: `invoice.voided`; its payment intent is canceled."""
    before = _unpaid(account, invoice_id)
    after = account.invoices.store(
        msgspec.structs.replace(
            before, status="void", voided_at=account.clock.now(), next_payment_attempt=None
        )
    )
    account.emit("invoice.voided", after)
    _cancel_payments(account, after)
    unapply_balance(account, after)
    return after


def write_off_invoice(account: SandboxAccount, invoice_id: str) -> Invoice:
    """Marks an invoice uncollectible: `invoice.marked_uncollectible`; a subscription past due is active again.

    docs.stripe.com/billing/subscriptions/overview, its table of statuses.
    """
    before = get_or_404(account.invoices, invoice_id)
    if before.status != "open":
        raise wrong_state(f"Invoice {invoice_id} is {before.status}.")
    after = account.invoices.store(
        msgspec.structs.replace(
            before,
            status="uncollectible",
            uncollectible_at=account.clock.now(),
            next_payment_attempt=None,
        )
    )
    account.emit("invoice.marked_uncollectible", after)
    recover_subscription(account, after)
    return after


def pay_out_of_band(account: SandboxAccount, invoice_id: str) -> Invoice:
    """Marks an invoice paid outside of Stripe: `invoice.paid`, but no `invoice.payment_succeeded`.

    Its invoice payment names a payment record, no payment intent.
    """
    before = _unpaid(account, invoice_id)
    after = account.invoices.store(
        msgspec.structs.replace(
            before, status="paid", paid_at=account.clock.now(), off_stripe=True, next_payment_attempt=None
        )
    )
    _cancel_payments(account, after)
    account.emit("invoice.paid", after)
    payment = account.invoice_payments.store(
        InvoicePayment(
            id=new_id("inpay"),
            created=account.clock.now(),
            invoice=after.id,
            payment_record=new_id("prec"),
            amount=after.amount_due,
            currency=after.currency,
            status="paid",
            paid_at=account.clock.now(),
        )
    )
    account.schedule("tell_invoice_payment", payment.id)
    recover_subscription(account, after)
    return after


def finalize_draft(account: SandboxAccount, invoice_id: str) -> Invoice:
    """Finalizes a draft, such as one that paused collection left: `invoice.finalized`."""
    draft = get_or_404(account.invoices, invoice_id)
    if draft.status != "draft":
        raise wrong_state(f"Invoice {invoice_id} is {draft.status}.")
    final = account.invoices.store(invoice_transitions.finalize_invoice(account, draft))
    account.emit("invoice.finalized", final)
    return final


def credit_invoice(account: SandboxAccount, invoice: Invoice, amount: int) -> None:
    """Counts a credit note on its invoice: `invoice.updated`; one that asks for nothing any more is paid."""
    if invoice.status == "open":
        after = msgspec.structs.replace(invoice, credited_before=invoice.credited_before + amount)
    else:
        after = msgspec.structs.replace(invoice, credited_after=invoice.credited_after + amount)
    account.invoices.store(after)
    account.emit("invoice.updated", after, invoice)
    if after.status == "open" and after.amount_due == 0:
        paid = msgspec.structs.replace(
            after, status="paid", paid_at=account.clock.now(), next_payment_attempt=None
        )
        account.invoices.store(paid)
        _cancel_payments(account, paid)
        account.emit("invoice.paid", paid)
        account.emit("invoice.payment_succeeded", paid)
        recover_subscription(account, paid)


def recover_subscription(account: SandboxAccount, invoice: Invoice) -> None:
    """Makes a subscription active again whose latest invoice no longer asks for money."""
    before = account.subscriptions.get(invoice.subscription)
    if before is None or before.latest_invoice != invoice.id or before.status not in ("past_due", "unpaid"):
        return
    after = account.subscriptions.store(msgspec.structs.replace(before, status="active"))
    account.emit("customer.subscription.updated", after, before)


def _unpaid(account: SandboxAccount, invoice_id: str) -> Invoice:
    invoice = get_or_404(account.invoices, invoice_id)
    if invoice.status not in ("open", "uncollectible"):
        raise wrong_state(f"Invoice {invoice_id} is {invoice.status}.")
    return invoice


def _cancel_payments(account: SandboxAccount, invoice: Invoice) -> None:
    for link in account.invoice_payments:
        if link.invoice != invoice.id or link.status != "open":
            continue
        account.invoice_payments.store(msgspec.structs.replace(link, status="canceled"))
        intent = account.payment_intents.get(link.payment_intent)
        if intent is not None and intent.status != "succeeded":
            canceled = msgspec.structs.replace(intent, status="canceled", canceled_at=account.clock.now())
            account.payment_intents.store(canceled)
            account.emit("payment_intent.canceled", canceled)
