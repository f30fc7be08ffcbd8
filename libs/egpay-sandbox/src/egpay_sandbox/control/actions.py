"""Action table: what can be done to an object, shared by the JSON routes and the buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.control import action_params, risk_actions
from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import (
    bank_debits,
    checkout_payment,
    refunds_and_disputes,
    renewals,
    subscription_lifecycle,
    subscriptions,
)
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.buyer_details import BuyerDetails
from egpay_sandbox.stripe.checkout_sessions import expire_session
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.requests.refunds import RefundCreate
from egpay_sandbox.stripe.webhook_endpoints import roll_secret
from egpay_sandbox.warehouse.orders import WarehouseOrder


@dataclass(frozen=True, slots=True)
class ControlAction:
    """One control action: `run` does it to the object with that id and answers JSON."""

    params: type[ActionParams]
    run: Callable[[Sandbox, str, Any], dict[str, Any]]


def _pay(sandbox: Sandbox, row_id: str, params: action_params.PayParams) -> dict[str, Any]:
    checkout_payment.pay_session(
        sandbox.account, row_id, BuyerDetails(email=params.email, name=params.name), params.means
    )
    return render(sandbox.account, sandbox.account.sessions[row_id])


def _decline(sandbox: Sandbox, row_id: str, params: action_params.PayParams) -> dict[str, Any]:
    return render(
        sandbox.account,
        checkout_payment.decline_session(sandbox.account, row_id, BuyerDetails(email=params.email)),
    )


def _settle(sandbox: Sandbox, row_id: str, params: action_params.OutcomeParams) -> dict[str, Any]:
    return render(sandbox.account, bank_debits.settle_debit(sandbox.account, row_id, params.outcome))


def _expire(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, expire_session(sandbox.account, row_id))


def _renew(sandbox: Sandbox, row_id: str, params: action_params.OutcomeParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.renew_subscription(sandbox.account, row_id, params.outcome))


def _retry(sandbox: Sandbox, row_id: str, params: action_params.OutcomeParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.retry_invoice(sandbox.account, row_id, params.outcome))


def _pause(sandbox: Sandbox, row_id: str, params: action_params.PauseParams) -> dict[str, Any]:
    if params.kind == "status":
        return render(sandbox.account, subscription_lifecycle.pause_subscription(sandbox.account, row_id))
    request_params = SubscriptionUpdate(pause_collection=PauseCollection(behavior=params.behavior))
    return render(sandbox.account, subscriptions.update_subscription(sandbox.account, request_params, row_id))


def _resume(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, subscription_lifecycle.resume_subscription(sandbox.account, row_id))


def _cancel(sandbox: Sandbox, row_id: str, params: action_params.CancelParams) -> dict[str, Any]:
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


def _refund(sandbox: Sandbox, row_id: str, params: action_params.RefundParams) -> dict[str, Any]:
    charge, intent = (row_id, None) if row_id.startswith("ch_") else (None, row_id)
    request_params = RefundCreate(
        charge=charge, payment_intent=intent, amount=params.amount, reason=params.reason
    )
    return render(sandbox.account, refunds_and_disputes.create_refund(sandbox.account, request_params))


def _fail_refund(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, refunds_and_disputes.fail_refund(sandbox.account, row_id))


def _dispute(sandbox: Sandbox, row_id: str, params: action_params.DisputeParams) -> dict[str, Any]:
    return render(sandbox.account, refunds_and_disputes.open_dispute(sandbox.account, row_id, params.reason))


def _close(sandbox: Sandbox, row_id: str, params: action_params.CloseDisputeParams) -> dict[str, Any]:
    return render(
        sandbox.account, refunds_and_disputes.close_dispute(sandbox.account, row_id, params.outcome)
    )


def _resend(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    event = get_or_404(sandbox.account.events, row_id)
    return {"event": event.id, "posted": sandbox.event_fan_out.resend(event)}


def _roll(sandbox: Sandbox, row_id: str, params: action_params.RotateSecretParams) -> dict[str, Any]:
    endpoint = roll_secret(sandbox.account, row_id, keep_seconds=params.keep_seconds, secret=params.secret)
    return {**render(sandbox.account, endpoint), "secret": endpoint.secrets[0].value}


def _ship(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.ship(row_id))


def _deliver(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.finish(row_id, "delivered"))


def _fail(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.finish(row_id, "failed"))


def _order(order: WarehouseOrder) -> dict[str, Any]:
    return {"sale_id": order.id, "status": order.status, "tracking_number": order.tracking_number}


ACTIONS: dict[tuple[str, str], ControlAction] = {
    ("sessions", "pay"): ControlAction(action_params.PayParams, _pay),
    ("sessions", "decline"): ControlAction(action_params.PayParams, _decline),
    ("sessions", "settle"): ControlAction(action_params.OutcomeParams, _settle),
    ("sessions", "expire"): ControlAction(ActionParams, _expire),
    ("subscriptions", "renew"): ControlAction(action_params.OutcomeParams, _renew),
    ("subscriptions", "pause"): ControlAction(action_params.PauseParams, _pause),
    ("subscriptions", "resume"): ControlAction(ActionParams, _resume),
    ("subscriptions", "cancel"): ControlAction(action_params.CancelParams, _cancel),
    ("invoices", "retry"): ControlAction(action_params.OutcomeParams, _retry),
    ("charges", "refund"): ControlAction(action_params.RefundParams, _refund),
    ("charges", "dispute"): ControlAction(action_params.DisputeParams, _dispute),
    ("charges", "warn"): ControlAction(ActionParams, risk_actions.warn),
    ("warnings", "settle"): ControlAction(ActionParams, risk_actions.settle_warning),
    ("charges", "review"): ControlAction(ActionParams, risk_actions.review),
    ("reviews", "close"): ControlAction(action_params.CloseReviewParams, risk_actions.close_review),
    ("invoices", "credit"): ControlAction(action_params.CreditParams, risk_actions.credit),
    ("credit_notes", "void"): ControlAction(ActionParams, risk_actions.void_credit),
    ("payment_intents", "refund"): ControlAction(action_params.RefundParams, _refund),
    ("refunds", "fail"): ControlAction(ActionParams, _fail_refund),
    ("disputes", "close"): ControlAction(action_params.CloseDisputeParams, _close),
    ("events", "resend"): ControlAction(ActionParams, _resend),
    ("endpoints", "rotate"): ControlAction(action_params.RotateSecretParams, _roll),
    ("orders", "ship"): ControlAction(ActionParams, _ship),
    ("orders", "deliver"): ControlAction(ActionParams, _deliver),
    ("orders", "fail"): ControlAction(ActionParams, _fail),
}
