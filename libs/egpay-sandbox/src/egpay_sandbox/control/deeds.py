"""One table of what can be done to a thing, for the JSON routes and the buttons alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.control import wishes
from egpay_sandbox.control.wishes import Wish
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe import endings, giving_back, paying, renewing, settling, subscriptions
from egpay_sandbox.stripe.account import sought
from egpay_sandbox.stripe.buyers import Buyer
from egpay_sandbox.stripe.checkout import expire_session
from egpay_sandbox.stripe.endpoints import roll_secret
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.requests.refunds import RefundCreate
from egpay_sandbox.warehouse.orders import Order
from egpay_sandbox.world import World


@dataclass(frozen=True, slots=True)
class Deed:
    """`run` does it to the thing with that id and answers JSON."""

    wish: type[Wish]
    run: Callable[[World, str, Any], dict[str, Any]]


def _pay(world: World, row_id: str, wish: wishes.Paying) -> dict[str, Any]:
    paying.pay(world.account, row_id, Buyer(email=wish.email, name=wish.name), wish.means)
    return render(world.account, world.account.sessions[row_id])


def _decline(world: World, row_id: str, wish: wishes.Paying) -> dict[str, Any]:
    return render(world.account, paying.decline(world.account, row_id, Buyer(email=wish.email)))


def _settle(world: World, row_id: str, wish: wishes.Outcome) -> dict[str, Any]:
    return render(world.account, settling.settle_debit(world.account, row_id, wish.outcome))


def _expire(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, expire_session(world.account, row_id))


def _renew(world: World, row_id: str, wish: wishes.Outcome) -> dict[str, Any]:
    return render(world.account, renewing.renew(world.account, row_id, wish.outcome))


def _retry(world: World, row_id: str, wish: wishes.Outcome) -> dict[str, Any]:
    return render(world.account, renewing.retry(world.account, row_id, wish.outcome))


def _pause(world: World, row_id: str, wish: wishes.Pausing) -> dict[str, Any]:
    if wish.kind == "status":
        return render(world.account, endings.pause(world.account, row_id))
    asked = SubscriptionUpdate(pause_collection=PauseCollection(behavior=wish.behavior))
    return render(world.account, subscriptions.update_subscription(world.account, asked, row_id))


def _resume(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, endings.resume(world.account, row_id))


def _cancel(world: World, row_id: str, wish: wishes.Cancelling) -> dict[str, Any]:
    account = world.account
    match wish.at:
        case "now":
            return render(account, endings.cancel_now(account, SubscriptionCancel(), row_id))
        case "portal":
            return render(account, endings.cancel_later(account, row_id))
        case "period_end":
            asked = SubscriptionUpdate(cancel_at_period_end=True)
            return render(account, subscriptions.update_subscription(account, asked, row_id))


def _refund(world: World, row_id: str, wish: wishes.Refunding) -> dict[str, Any]:
    charge, intent = (row_id, None) if row_id.startswith("ch_") else (None, row_id)
    asked = RefundCreate(charge=charge, payment_intent=intent, amount=wish.amount, reason=wish.reason)
    return render(world.account, giving_back.refund(world.account, asked))


def _fail_refund(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    return render(world.account, giving_back.fail_refund(world.account, row_id))


def _dispute(world: World, row_id: str, wish: wishes.Disputing) -> dict[str, Any]:
    return render(world.account, giving_back.open_dispute(world.account, row_id, wish.reason))


def _close(world: World, row_id: str, wish: wishes.Ruling) -> dict[str, Any]:
    return render(world.account, giving_back.close_dispute(world.account, row_id, wish.outcome))


def _resend(world: World, row_id: str, _: Wish) -> dict[str, Any]:
    event = sought(world.account.events, row_id)
    return {"event": event.id, "posted": world.webhooks.resend(event)}


def _roll(world: World, row_id: str, wish: wishes.Rolling) -> dict[str, Any]:
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
    ("sessions", "pay"): Deed(wishes.Paying, _pay),
    ("sessions", "decline"): Deed(wishes.Paying, _decline),
    ("sessions", "settle"): Deed(wishes.Outcome, _settle),
    ("sessions", "expire"): Deed(Wish, _expire),
    ("subscriptions", "renew"): Deed(wishes.Outcome, _renew),
    ("subscriptions", "pause"): Deed(wishes.Pausing, _pause),
    ("subscriptions", "resume"): Deed(Wish, _resume),
    ("subscriptions", "cancel"): Deed(wishes.Cancelling, _cancel),
    ("invoices", "retry"): Deed(wishes.Outcome, _retry),
    ("charges", "refund"): Deed(wishes.Refunding, _refund),
    ("charges", "dispute"): Deed(wishes.Disputing, _dispute),
    ("payment_intents", "refund"): Deed(wishes.Refunding, _refund),
    ("refunds", "fail"): Deed(Wish, _fail_refund),
    ("disputes", "close"): Deed(wishes.Ruling, _close),
    ("events", "resend"): Deed(Wish, _resend),
    ("endpoints", "rotate"): Deed(wishes.Rolling, _roll),
    ("orders", "ship"): Deed(Wish, _ship),
    ("orders", "deliver"): Deed(Wish, _deliver),
    ("orders", "fail"): Deed(Wish, _fail),
}
