"""Subscription actions: its periods pass, it pauses, resumes or ends."""

from typing import Any, Literal

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.control.invoice_actions import CollectParams
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import renewals, subscription_lifecycle, subscriptions
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionCancel, SubscriptionUpdate


class PauseParams(ActionParams, frozen=True, kw_only=True):
    """`status` pauses the subscription, `collection` only the collecting of money."""

    kind: Literal["status", "collection"] = "status"
    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"] = "void"


class CancelParams(ActionParams, frozen=True, kw_only=True):
    """`period_end` sets `cancel_at_period_end`; `portal` sets only `cancel_at`, as the portal does."""

    at: Literal["now", "period_end", "portal"] = "now"


def _renew(sandbox: Sandbox, row_id: str, params: CollectParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.renew_subscription(sandbox.account, row_id, params.outcome))


def _pause(sandbox: Sandbox, row_id: str, params: PauseParams) -> dict[str, Any]:
    if params.kind == "status":
        return render(sandbox.account, subscription_lifecycle.pause_subscription(sandbox.account, row_id))
    request_params = SubscriptionUpdate(pause_collection=PauseCollection(behavior=params.behavior))
    return render(sandbox.account, subscriptions.update_subscription(sandbox.account, request_params, row_id))


def _resume(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, subscription_lifecycle.resume_subscription(sandbox.account, row_id))


def _cancel(sandbox: Sandbox, row_id: str, params: CancelParams) -> dict[str, Any]:
    account = sandbox.account
    match params.at:
        case "now":
            return render(
                account, subscription_lifecycle.cancel_subscription(account, SubscriptionCancel(), row_id)
            )
        case "portal":
            return render(account, subscription_lifecycle.cancel_from_portal(account, row_id))
        case "period_end":
            request_params = SubscriptionUpdate(cancel_at_period_end=True)
            return render(account, subscriptions.update_subscription(account, request_params, row_id))


ACTIONS: ActionTable = {
    ("subscriptions", "renew"): ControlAction(CollectParams, _renew),
    ("subscriptions", "pause"): ControlAction(PauseParams, _pause),
    ("subscriptions", "resume"): ControlAction(ActionParams, _resume),
    ("subscriptions", "cancel"): ControlAction(CancelParams, _cancel),
}
