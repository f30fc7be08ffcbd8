"""Risk actions: what Radar and the card networks report about a charge."""

from typing import Any, Literal

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import risk_signals
from egpay_sandbox.stripe.objects.risk import ClosedReason


class WarnParams(ActionParams, frozen=True, kw_only=True):
    """What the network reports, and whether something can still be done about it."""

    fraud_type: str = "made_with_stolen_card"
    actionable: bool = True


class OpenReviewParams(ActionParams, frozen=True, kw_only=True):
    """Whether a rule or a person asked for the review."""

    opened_reason: Literal["rule", "manual"] = "rule"


class CloseReviewParams(ActionParams, frozen=True, kw_only=True):
    """What the person who looked at the payment decided."""

    reason: ClosedReason = "approved"


def _warn(sandbox: Sandbox, row_id: str, params: WarnParams) -> dict[str, Any]:
    warning = risk_signals.warn_of_fraud(
        sandbox.account, row_id, fraud_type=params.fraud_type, actionable=params.actionable
    )
    return render(sandbox.account, warning)


def _settle_warning(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, risk_signals.settle_warning(sandbox.account, row_id))


def _review(sandbox: Sandbox, row_id: str, params: OpenReviewParams) -> dict[str, Any]:
    return render(sandbox.account, risk_signals.open_review(sandbox.account, row_id, params.opened_reason))


def _close_review(sandbox: Sandbox, row_id: str, params: CloseReviewParams) -> dict[str, Any]:
    return render(sandbox.account, risk_signals.close_review(sandbox.account, row_id, params.reason))


ACTIONS: ActionTable = {
    ("charges", "warn"): ControlAction(WarnParams, _warn),
    ("warnings", "settle"): ControlAction(ActionParams, _settle_warning),
    ("charges", "review"): ControlAction(OpenReviewParams, _review),
    ("reviews", "close"): ControlAction(CloseReviewParams, _close_review),
}
