"""Refund actions: money goes back in part or in full, and the bank settles it."""

from typing import Any, Literal

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import refunds
from egpay_sandbox.stripe.objects.refund import RefundFailure, RefundStatus
from egpay_sandbox.stripe.requests.refunds import RefundCreate


class RefundParams(ActionParams, frozen=True, kw_only=True):
    """An amount in minor units; without one the whole rest. `status` is what the refund begins as."""

    amount: int | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    status: Literal["succeeded", "pending", "requires_action"] | None = None


class FailRefundParams(ActionParams, frozen=True, kw_only=True):
    """The reason for which the bank refuses the money."""

    reason: RefundFailure = "expired_or_canceled_card"


class SettleRefundParams(ActionParams, frozen=True, kw_only=True):
    """The status that a refund under way gets."""

    status: RefundStatus = "succeeded"


def _refund(sandbox: Sandbox, row_id: str, params: RefundParams) -> dict[str, Any]:
    charge, intent = (row_id, None) if row_id.startswith("ch_") else (None, row_id)
    request_params = RefundCreate(
        charge=charge, payment_intent=intent, amount=params.amount, reason=params.reason
    )
    return render(
        sandbox.account, refunds.create_refund(sandbox.account, request_params, status=params.status)
    )


def _fail(sandbox: Sandbox, row_id: str, params: FailRefundParams) -> dict[str, Any]:
    return render(sandbox.account, refunds.settle_refund(sandbox.account, row_id, "failed", params.reason))


def _settle(sandbox: Sandbox, row_id: str, params: SettleRefundParams) -> dict[str, Any]:
    return render(sandbox.account, refunds.settle_refund(sandbox.account, row_id, params.status))


ACTIONS: ActionTable = {
    ("charges", "refund"): ControlAction(RefundParams, _refund),
    ("payment_intents", "refund"): ControlAction(RefundParams, _refund),
    ("refunds", "fail"): ControlAction(FailRefundParams, _fail),
    ("refunds", "settle"): ControlAction(SettleRefundParams, _settle),
}
