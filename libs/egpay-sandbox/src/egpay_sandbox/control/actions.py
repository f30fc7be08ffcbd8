"""One table of what can be done to a thing, for the JSON routes and the buttons alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.control import action_params
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
from egpay_sandbox.stripe.account import sought
from egpay_sandbox.stripe.buyer_details import BuyerDetails
from egpay_sandbox.stripe.checkout_sessions import expire_session
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.requests.refunds import RefundCreate
from egpay_sandbox.stripe.webhook_endpoints import roll_secret
from egpay_sandbox.warehouse.orders import WarehouseOrder


@dataclass(frozen=True, slots=True)
class ControlAction:
    """`run` does it to the thing with that id and answers JSON."""

    wish: type[ActionParams]
    run: Callable[[Sandbox, str, Any], dict[str, Any]]


def _pay(world: Sandbox, row_id: str, wish: action_params.PayParams) -> dict[str, Any]:
    checkout_payment.pay(world.account, row_id, BuyerDetails(email=wish.email, name=wish.name), wish.means)
    return render(world.account, world.account.sessions[row_id])


def _decline(world: Sandbox, row_id: str, wish: action_params.PayParams) -> dict[str, Any]:
    return render(
        world.account, checkout_payment.decline(world.account, row_id, BuyerDetails(email=wish.email))
    )


def _settle(world: Sandbox, row_id: str, wish: action_params.OutcomeParams) -> dict[str, Any]:
    return render(world.account, bank_debits.settle_debit(world.account, row_id, wish.outcome))


def _expire(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(world.account, expire_session(world.account, row_id))


def _renew(world: Sandbox, row_id: str, wish: action_params.OutcomeParams) -> dict[str, Any]:
    return render(world.account, renewals.renew(world.account, row_id, wish.outcome))


def _retry(world: Sandbox, row_id: str, wish: action_params.OutcomeParams) -> dict[str, Any]:
    return render(world.account, renewals.retry(world.account, row_id, wish.outcome))


def _pause(world: Sandbox, row_id: str, wish: action_params.PauseParams) -> dict[str, Any]:
    if wish.kind == "status":
        return render(world.account, subscription_lifecycle.pause(world.account, row_id))
    asked = SubscriptionUpdate(pause_collection=PauseCollection(behavior=wish.behavior))
    return render(world.account, subscriptions.update_subscription(world.account, asked, row_id))


def _resume(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(world.account, subscription_lifecycle.resume(world.account, row_id))


def _cancel(world: Sandbox, row_id: str, wish: action_params.CancelParams) -> dict[str, Any]:
    account = world.account
    match wish.at:
        case "now":
            return render(account, subscription_lifecycle.cancel_now(account, SubscriptionCancel(), row_id))
        case "portal":
            return render(account, subscription_lifecycle.cancel_later(account, row_id))
        case "period_end":
            asked = SubscriptionUpdate(cancel_at_period_end=True)
            return render(account, subscriptions.update_subscription(account, asked, row_id))


def _refund(world: Sandbox, row_id: str, wish: action_params.RefundParams) -> dict[str, Any]:
    charge, intent = (row_id, None) if row_id.startswith("ch_") else (None, row_id)
    asked = RefundCreate(charge=charge, payment_intent=intent, amount=wish.amount, reason=wish.reason)
    return render(world.account, refunds_and_disputes.refund(world.account, asked))


def _fail_refund(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.fail_refund(world.account, row_id))


def _dispute(world: Sandbox, row_id: str, wish: action_params.DisputeParams) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.open_dispute(world.account, row_id, wish.reason))


def _close(world: Sandbox, row_id: str, wish: action_params.CloseDisputeParams) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.close_dispute(world.account, row_id, wish.outcome))


def _resend(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    event = sought(world.account.events, row_id)
    return {"event": event.id, "posted": world.webhooks.resend(event)}


def _roll(world: Sandbox, row_id: str, wish: action_params.RotateSecretParams) -> dict[str, Any]:
    endpoint = roll_secret(world.account, row_id, keep_seconds=wish.keep_seconds, secret=wish.secret)
    return {**render(world.account, endpoint), "secret": endpoint.secrets[0].value}


def _ship(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(world.warehouse.ship(row_id))


def _deliver(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(world.warehouse.finish(row_id, "delivered"))


def _fail(world: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(world.warehouse.finish(row_id, "failed"))


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
    ("payment_intents", "refund"): ControlAction(action_params.RefundParams, _refund),
    ("refunds", "fail"): ControlAction(ActionParams, _fail_refund),
    ("disputes", "close"): ControlAction(action_params.CloseDisputeParams, _close),
    ("events", "resend"): ControlAction(ActionParams, _resend),
    ("endpoints", "rotate"): ControlAction(action_params.RotateSecretParams, _roll),
    ("orders", "ship"): ControlAction(ActionParams, _ship),
    ("orders", "deliver"): ControlAction(ActionParams, _deliver),
    ("orders", "fail"): ControlAction(ActionParams, _fail),
}
