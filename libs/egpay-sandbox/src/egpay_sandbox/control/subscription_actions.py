"""Subscription actions: its periods pass, its plan changes, it pauses, resumes, ends or is created again."""

from typing import Any, Literal

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.control.invoice_actions import CollectParams
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import renewals, subscription_lifecycle, trials
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.customers import delete_customer
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome
from egpay_sandbox.stripe.requests.billing import (
    ItemUpdate,
    PauseCollection,
    SubscriptionCancel,
    SubscriptionUpdate,
)
from egpay_sandbox.stripe.subscription_changes import update_subscription
from egpay_sandbox.stripe.subscription_creation import copy_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES


class PauseParams(ActionParams, frozen=True, kw_only=True):
    """`status` pauses the subscription, `collection` only the collecting of money, perhaps until a time."""

    kind: Literal["status", "collection"] = "status"
    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"] = "void"
    resumes_at: int | None = None


class CancelParams(ActionParams, frozen=True, kw_only=True):
    """`period_end` sets `cancel_at_period_end`; `portal` sets only `cancel_at`, as the portal does.

    `date` sets `cancel_at` to Unix seconds.
    """

    at: Literal["now", "period_end", "portal"] = "now"
    date: int | None = None


class ChangeParams(ActionParams, frozen=True, kw_only=True):
    """Another price or quantity of the first item, or of `item`; `add` makes it a further item."""

    price: str | None = None
    quantity: int | None = None
    item: str | None = None
    add: bool = False
    proration: Literal["create_prorations", "always_invoice", "none"] = "create_prorations"
    outcome: RenewalOutcome = "succeeded"


class RecreateParams(ActionParams, frozen=True, kw_only=True):
    """Whether the old one ends, and whether the new one is free until the old period ends."""

    cancel_old: bool = True
    until_period_end: bool = True
    outcome: RenewalOutcome = "succeeded"


def _renew(sandbox: Sandbox, row_id: str, params: CollectParams) -> dict[str, Any]:
    return render(sandbox.account, renewals.renew_subscription(sandbox.account, row_id, params.outcome))


def _pause(sandbox: Sandbox, row_id: str, params: PauseParams) -> dict[str, Any]:
    if params.kind == "status":
        return render(sandbox.account, subscription_lifecycle.pause_subscription(sandbox.account, row_id))
    pause = PauseCollection(behavior=params.behavior, resumes_at=params.resumes_at)
    return _update(sandbox, row_id, SubscriptionUpdate(pause_collection=pause))


def _resume(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, subscription_lifecycle.resume_subscription(sandbox.account, row_id))


def _cancel(sandbox: Sandbox, row_id: str, params: CancelParams) -> dict[str, Any]:
    account = sandbox.account
    if params.date is not None:
        return _update(sandbox, row_id, SubscriptionUpdate(cancel_at=params.date))
    match params.at:
        case "now":
            return render(
                account, subscription_lifecycle.cancel_subscription(account, SubscriptionCancel(), row_id)
            )
        case "portal":
            return render(account, subscription_lifecycle.cancel_from_portal(account, row_id))
        case "period_end":
            return _update(sandbox, row_id, SubscriptionUpdate(cancel_at_period_end=True))


def _keep(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _update(sandbox, row_id, SubscriptionUpdate(cancel_at=""))


def _change(sandbox: Sandbox, row_id: str, params: ChangeParams) -> dict[str, Any]:
    first = get_or_404(sandbox.account.subscriptions, row_id).items[0].id
    change = ItemUpdate(
        id=None if params.add else params.item or first, price=params.price, quantity=params.quantity
    )
    asked = SubscriptionUpdate(items=[change], proration_behavior=params.proration)
    return render(
        sandbox.account, update_subscription(sandbox.account, asked, row_id, outcome=params.outcome)
    )


def _recreate(sandbox: Sandbox, row_id: str, params: RecreateParams) -> dict[str, Any]:
    account = sandbox.account
    new = copy_subscription(account, row_id, until_period_end=params.until_period_end, outcome=params.outcome)
    if params.cancel_old and account.subscriptions[row_id].status not in ENDED_STATUSES:
        subscription_lifecycle.cancel_subscription(account, SubscriptionCancel(), row_id)
    return render(account, new)


def _trial_will_end(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, trials.emit_trial_will_end(sandbox.account, row_id))


def _delete_customer(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, delete_customer(sandbox.account, row_id))


def _update(sandbox: Sandbox, row_id: str, asked: SubscriptionUpdate) -> dict[str, Any]:
    return render(sandbox.account, update_subscription(sandbox.account, asked, row_id))


ACTIONS: ActionTable = {
    ("subscriptions", "renew"): ControlAction(CollectParams, _renew),
    ("subscriptions", "pause"): ControlAction(PauseParams, _pause),
    ("subscriptions", "resume"): ControlAction(ActionParams, _resume),
    ("subscriptions", "cancel"): ControlAction(CancelParams, _cancel),
    ("subscriptions", "keep"): ControlAction(ActionParams, _keep),
    ("subscriptions", "change"): ControlAction(ChangeParams, _change),
    ("subscriptions", "recreate"): ControlAction(RecreateParams, _recreate),
    ("subscriptions", "trial_will_end"): ControlAction(ActionParams, _trial_will_end),
    ("customers", "delete"): ControlAction(ActionParams, _delete_customer),
}
