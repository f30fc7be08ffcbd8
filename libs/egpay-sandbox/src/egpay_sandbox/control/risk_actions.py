"""Risk and credit actions: warnings and reviews of a charge, credit notes of an invoice."""

from typing import Any

from egpay_sandbox.control.action_params import ActionParams, CloseReviewParams, CreditParams
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import credit_notes, risk_signals


def warn(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    """Reports a charge as fraud."""
    return render(sandbox.account, risk_signals.warn_of_fraud(sandbox.account, row_id))


def settle_warning(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    """Makes a warning not actionable any more."""
    return render(sandbox.account, risk_signals.settle_warning(sandbox.account, row_id))


def review(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    """Puts the payment of a charge under review."""
    return render(sandbox.account, risk_signals.open_review(sandbox.account, row_id))


def close_review(sandbox: Sandbox, row_id: str, params: CloseReviewParams) -> dict[str, Any]:
    """Closes a review."""
    return render(sandbox.account, risk_signals.close_review(sandbox.account, row_id, params.reason))


def credit(sandbox: Sandbox, row_id: str, params: CreditParams) -> dict[str, Any]:
    """Issues a credit note for an invoice."""
    return render(sandbox.account, credit_notes.issue_credit_note(sandbox.account, row_id, params.amount))


def void_credit(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    """Voids a credit note."""
    return render(sandbox.account, credit_notes.void_credit_note(sandbox.account, row_id))
