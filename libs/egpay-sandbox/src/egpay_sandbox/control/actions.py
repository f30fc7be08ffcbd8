"""One table of what can be done to a thing, for the JSON routes and the buttons alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.control import action_params
from egpay_sandbox.control.action_params import Wish
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import World
from egpay_sandbox.stripe import (
    bank_debits,
    checkout_payment,
    refunds_and_disputes,
    renewals,
    subscription_lifecycle,
    subscriptions,
)
from egpay_sandbox.stripe.account import sought
from egpay_sandbox.stripe.buyer_details import Buyer
from egpay_sandbox.stripe.checkout_sessions import expire_session
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.requests.refunds import RefundCreate
from egpay_sandbox.stripe.webhook_endpoints import roll_secret
from egpay_sandbox.warehouse.orders import Order


@dataclass(frozen=True, slots=True)
class Deed:
    """`run` does it to the thing with that id and answers JSON."""

    wish: type[Wish]
    run: Callable[[World, str, Any], dict[str, Any]]


def _pay(world: World, row_id: str, wish: action_params.Paying) -> dict[str, Any]:
    checkout_payment.pay(world.account, row_id, Buyer(email=wish.email, name=wish.name), wish.means)
    return render(world.account, world.account.sessions[row_id])


def _decline(world: World, row_id: str, wish: action_params.Paying) -> dict[str, Any]:
    return render(world.account, checkout_payment.decline(world.account, row_id, Buyer(email=wish.email)))


def _settle(world: World, row_id: str, wish: action_params.Outcome) -> dict[str, Any]:
    return render(world.account, bank_debits.settle_debit(world.account, row_id, wish.outcome))


def _expire(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, expire_session(world.account, row_id))


def _renew(world: World, row_id: str, wish: action_params.Outcome) -> dict[str, Any]:
    return render(world.account, renewals.renew(world.account, row_id, wish.outcome))


def _retry(world: World, row_id: str, wish: action_params.Outcome) -> dict[str, Any]:
    return render(world.account, renewals.retry(world.account, row_id, wish.outcome))


def _pause(world: World, row_id: str, wish: action_params.Pausing) -> dict[str, Any]:
    if wish.kind == "status":
        return render(world.account, subscription_lifecycle.pause(world.account, row_id))
    asked = SubscriptionUpdate(pause_collection=PauseCollection(behavior=wish.behavior))
    return render(world.account, subscriptions.update_subscription(world.account, asked, row_id))


def _resume(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, subscription_lifecycle.resume(world.account, row_id))


def _cancel(world: World, row_id: str, wish: action_params.Cancelling) -> dict[str, Any]:
    account = world.account
    match wish.at:
        case "now":
            return render(account, subscription_lifecycle.cancel_now(account, SubscriptionCancel(), row_id))
        case "portal":
            return render(account, subscription_lifecycle.cancel_later(account, row_id))
        case "period_end":
            asked = SubscriptionUpdate(cancel_at_period_end=True)
            return render(account, subscriptions.update_subscription(account, asked, row_id))


def _refund(world: World, row_id: str, wish: action_params.Refunding) -> dict[str, Any]:
    charge, intent = (row_id, None) if row_id.startswith("ch_") else (None, row_id)
    asked = RefundCreate(charge=charge, payment_intent=intent, amount=wish.amount, reason=wish.reason)
    return render(world.account, refunds_and_disputes.refund(world.account, asked))


def _fail_refund(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.fail_refund(world.account, row_id))


def _dispute(world: World, row_id: str, wish: action_params.Disputing) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.open_dispute(world.account, row_id, wish.reason))


def _close(world: World, row_id: str, wish: action_params.Ruling) -> dict[str, Any]:
    return render(world.account, refunds_and_disputes.close_dispute(world.account, row_id, wish.outcome))


def _resend(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    event = sought(world.account.events, row_id)
    return {"event": event.id, "posted": world.webhooks.resend(event)}


def _roll(world: World, row_id: str, wish: action_params.Rolling) -> dict[str, Any]:
    endpoint = roll_secret(world.account, row_id, keep_seconds=wish.keep_seconds, secret=wish.secret)
    return {**render(world.account, endpoint), "secret": endpoint.secrets[0].value}


def _ship(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return _order(world.warehouse.ship(row_id))


def _deliver(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return _order(world.warehouse.finish(row_id, "delivered"))


def _fail(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return _order(world.warehouse.finish(row_id, "failed"))


def _order(order: Order) -> dict[str, Any]:
    return {"sale_id": order.id, "status": order.status, "tracking_number": order.tracking_number}


DEEDS: dict[tuple[str, str], Deed] = {
    ("sessions", "pay"): Deed(action_params.Paying, _pay),
    ("sessions", "decline"): Deed(action_params.Paying, _decline),
    ("sessions", "settle"): Deed(action_params.Outcome, _settle),
    ("sessions", "expire"): Deed(Wish, _expire),
    ("subscriptions", "renew"): Deed(action_params.Outcome, _renew),
    ("subscriptions", "pause"): Deed(action_params.Pausing, _pause),
    ("subscriptions", "resume"): Deed(Wish, _resume),
    ("subscriptions", "cancel"): Deed(action_params.Cancelling, _cancel),
    ("invoices", "retry"): Deed(action_params.Outcome, _retry),
    ("charges", "refund"): Deed(action_params.Refunding, _refund),
    ("charges", "dispute"): Deed(action_params.Disputing, _dispute),
    ("payment_intents", "refund"): Deed(action_params.Refunding, _refund),
    ("refunds", "fail"): Deed(Wish, _fail_refund),
    ("disputes", "close"): Deed(action_params.Ruling, _close),
    ("events", "resend"): Deed(Wish, _resend),
    ("endpoints", "rotate"): Deed(action_params.Rolling, _roll),
    ("orders", "ship"): Deed(Wish, _ship),
    ("orders", "deliver"): Deed(Wish, _deliver),
    ("orders", "fail"): Deed(Wish, _fail),
}
