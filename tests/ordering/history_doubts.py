"""Doubts of a random history: what the card's issuer warns of, and what a person at the provider looks at."""

from history_acts import HistoryAct
from history_money import TrueCharge
from history_world import ProviderWorld

from egpay.testing import stripe_objects as objects
from egpay.testing.stripe_objects import Generation


def warn(world: ProviderWorld, charge: TrueCharge, _: HistoryAct) -> None:
    """The card's issuer warns of fraud, once for a payment."""
    if charge.warning is None:
        charge.warning = True
        _say_warning(world, charge)


def warning_ends(world: ProviderWorld, charge: TrueCharge, _: HistoryAct) -> None:
    """The warning cannot be acted upon any more."""
    if charge.warning:
        charge.warning = False
        _say_warning(world, charge)


def _say_warning(world: ProviderWorld, charge: TrueCharge) -> None:
    shop, kind = world.shop, "created" if charge.warning else "updated"
    known = {"id": shop.name(f"issfr{charge.invoice}"), "payment_intent": shop.name(f"pi_{charge.invoice}")}
    content = objects.fraud_warning(Generation.ENDIVE, actionable=bool(charge.warning), **known)
    label = f"warning{charge.invoice}_{kind}"
    world.tell(label, f"radar.early_fraud_warning.{kind}", content, at=world.clock, charge=charge)


def review(world: ProviderWorld, charge: TrueCharge, _: HistoryAct) -> None:
    """A person at the provider is to look at the payment."""
    if charge.review is None:
        charge.review = ""
        _say_review(world, charge)


def review_closes(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """It is closed; as fraud only together with the money."""
    if charge.review != "":
        return
    charge.review = ("approved", "approved", "disputed", "refunded_as_fraud")[act.share]
    if charge.review == "refunded_as_fraud":
        left = charge.amount - charge.given_back
        if left <= 0 or charge.disputed or charge.lost:
            charge.review = "approved"
        else:
            world.give_back(charge, left)
    _say_review(world, charge)


def _say_review(world: ProviderWorld, charge: TrueCharge) -> None:
    shop, is_open = world.shop, charge.review == ""
    known = {"id": shop.name(f"prv{charge.invoice}"), "payment_intent": shop.name(f"pi_{charge.invoice}")}
    content = objects.review(Generation.ENDIVE, open=is_open, closed_reason=charge.review or None, **known)
    kind = "opened" if is_open else "closed"
    world.tell(f"review{charge.invoice}_{kind}", f"review.{kind}", content, at=world.clock, charge=charge)
