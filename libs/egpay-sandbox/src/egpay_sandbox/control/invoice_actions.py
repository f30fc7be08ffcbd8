"""Invoice actions: an open one is tried again, a part of one is credited."""

from typing import Any

from egpay_sandbox.control.action_params import ActionParams, OutcomeParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import credit_notes, renewals


class CreditParams(ActionParams, frozen=True, kw_only=True):
    """An amount in minor units; without one the whole rest of the invoice."""

    amount: int | None = None


def _retry(sandbox: Sandbox, row_id: str, params: OutcomeParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.retry_invoice(sandbox.account, row_id, params.outcome))


def _credit(sandbox: Sandbox, row_id: str, params: CreditParams) -> dict[str, Any]:
    return render(sandbox.account, credit_notes.issue_credit_note(sandbox.account, row_id, params.amount))


def _void_credit(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, credit_notes.void_credit_note(sandbox.account, row_id))


ACTIONS: ActionTable = {
    ("invoices", "retry"): ControlAction(OutcomeParams, _retry),
    ("invoices", "credit"): ControlAction(CreditParams, _credit),
    ("credit_notes", "void"): ControlAction(ActionParams, _void_credit),
}
