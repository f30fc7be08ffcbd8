"""Invoice actions: an open one is tried again, written off, voided, credited or paid elsewhere."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import credit_notes, invoice_closing, renewals
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome
from egpay_sandbox.stripe.objects import Invoice
from egpay_sandbox.stripe.requests.balances import CreditNoteCreate

_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class CollectParams(ActionParams, frozen=True, kw_only=True):
    """The outcome of an attempt; `requires_action` asks the customer to confirm (3-D Secure)."""

    outcome: RenewalOutcome = "succeeded"


class CreditParams(ActionParams, frozen=True, kw_only=True):
    """An amount in minor units; without one the whole rest of the invoice.

    What of a paid invoice is neither refunded nor put on the balance is given back out of band.
    """

    amount: int | None = None
    refund_amount: _NotNegative = 0
    credit_amount: _NotNegative = 0
    reason: Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"] | None = None


def _retry(sandbox: Sandbox, row_id: str, params: CollectParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.retry_invoice(sandbox.account, row_id, params.outcome))


def _credit(sandbox: Sandbox, row_id: str, params: CreditParams) -> dict[str, Any]:
    invoice = get_or_404(sandbox.account.invoices, row_id)
    amount = invoice.total - invoice.credited_after if params.amount is None else params.amount
    parts = params.refund_amount + params.credit_amount
    asked = CreditNoteCreate(
        invoice=row_id,
        amount=params.amount,
        refund_amount=params.refund_amount,
        credit_amount=params.credit_amount,
        out_of_band_amount=max(0, amount - parts),
        reason=params.reason,
    )
    return render(sandbox.account, credit_notes.issue_credit_note(sandbox.account, asked))


def _void_credit(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, credit_notes.void_credit_note(sandbox.account, row_id))


def _closed_by(close: Callable[[SandboxAccount, str], Invoice]) -> ControlAction:
    return ControlAction(ActionParams, lambda s, row_id, _: render(s.account, close(s.account, row_id)))


ACTIONS: ActionTable = {
    ("invoices", "retry"): ControlAction(CollectParams, _retry),
    ("invoices", "credit"): ControlAction(CreditParams, _credit),
    ("invoices", "void"): _closed_by(invoice_closing.void_invoice),
    ("invoices", "write_off"): _closed_by(invoice_closing.write_off_invoice),
    ("invoices", "pay_out_of_band"): _closed_by(invoice_closing.pay_out_of_band),
    ("invoices", "finalize"): _closed_by(invoice_closing.finalize_draft),
    ("credit_notes", "void"): ControlAction(ActionParams, _void_credit),
}
