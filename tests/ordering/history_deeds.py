"""Deeds of a random history: what changes the truth, and which webhooks the provider sends about it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from history_acts import Deed, HistoryAct, RandomHistory
from history_doubts import review, review_closes, warn, warning_ends
from history_money import RaisedDispute, TrueCharge
from history_subscription import SUBSCRIPTION_DEEDS
from history_world import ProviderWorld, amount_of
from shop import Shop

from egpay.testing import stripe_objects as objects
from egpay.testing.stripe_objects import Generation

MoneyDeed: TypeAlias = Callable[[ProviderWorld, TrueCharge, HistoryAct], None]
_NEXT = {
    "needs_response": ("under_review", "won", "lost", "won"),
    "warning_needs_response": ("warning_under_review", "warning_closed", "needs_response", "prevented"),
    "under_review": ("won", "lost", "lost", "appeal_pending"),
    "appeal_pending": ("won", "lost", "won", "lost"),
    "warning_under_review": ("warning_closed", "warning_closed", "needs_response", "warning_closed"),
}


def play(history: RandomHistory) -> ProviderWorld:
    """Plays a whole history."""
    world = ProviderWorld(history)
    for act in history.acts:
        world.clock += 0 if act.at_once else 1_000
        if act.deed is Deed.FOREIGN:
            foreign_noise(world)
        elif act.deed in SUBSCRIPTION_DEEDS:
            if world.truth.lives:
                SUBSCRIPTION_DEEDS[act.deed](world)
        elif paid := [one for one in world.truth.charges.values() if one.paid and one.amount]:
            charge = paid[act.which % len(paid)]
            MONEY_DEEDS[act.deed](world, charge, act)
            charge.noted()
    return world


def refund(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """A refund of what is left, or of a part; a disputed charge cannot be refunded."""
    amount = amount_of(charge, act, charge.amount - charge.given_back)
    if amount > 0 and not charge.disputed and not charge.lost:
        world.give_back(charge, amount)


def refund_comes_back(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """A refund fails, or is cancelled."""
    counting = [name for name, one in charge.refunds.items() if one.counts]
    if not counting:
        return
    name = counting[act.which % len(counting)]
    one = charge.refunds[name]
    one.counts = False
    kind, status = ("refund.updated", "canceled") if act.share == 3 else ("refund.failed", "failed")
    fields: dict[str, Any] = {"status": status, "kind": kind, "made": one.made, "invoice": charge.invoice}
    world.say(world.shop.refund(name, one.amount, at=world.clock, **fields), charge)


def dispute_opens(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """The bank asks for what is left, or for a part of it."""
    amount = amount_of(charge, act, charge.amount - charge.gone)
    if amount <= 0 or charge.disputed:
        return
    status = "warning_needs_response" if act.share == 3 else "needs_response"
    name = f"du{charge.invoice}x{len(charge.disputes)}"
    charge.disputes[name] = RaisedDispute(amount, status)
    _say_dispute(world, charge, name, kind="created")


def dispute_turns(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """An open dispute goes on."""
    undecided = [name for name, one in charge.disputes.items() if one.is_open]
    if not undecided:
        return
    one = charge.disputes[undecided[0]]
    one.status = _NEXT[one.status][act.share]
    one.took = one.status == "prevented" and act.which == 0
    _say_dispute(world, charge, undecided[0], kind="updated" if one.is_open else "closed")


def _say_dispute(world: ProviderWorld, charge: TrueCharge, name: str, *, kind: str) -> None:
    one = charge.disputes[name]
    label, content = f"{name}_{one.status}_{world.clock}", world.dispute(charge, name, one)
    world.tell(label, f"charge.dispute.{kind}", content, at=world.clock, charge=charge)


def credit_note(world: ProviderWorld, charge: TrueCharge, act: HistoryAct) -> None:
    """A credit note over what is left, or a part, whose money went another way."""
    amount = amount_of(charge, act, charge.amount - charge.given_back)
    if amount <= 0 or charge.disputed or charge.lost:
        return
    name = f"cn{charge.invoice}x{len(charge.notes) + len(charge.voided)}"
    charge.notes[name] = amount
    _say_note(world, charge, name, amount, status="issued")


def note_is_voided(world: ProviderWorld, charge: TrueCharge, _: HistoryAct) -> None:
    """The newest credit note is voided."""
    if charge.notes:
        name, amount = charge.notes.popitem()
        charge.voided[name] = amount
        _say_note(world, charge, name, amount, status="void")


def _say_note(world: ProviderWorld, charge: TrueCharge, name: str, amount: int, *, status: str) -> None:
    known = {"id": world.shop.name(name), "invoice": world.shop.name(charge.invoice), "status": status}
    sums = {"amount": amount, "out_of_band_amount": amount, "post_payment_amount": amount}
    content = objects.credit_note(Generation.ENDIVE, **known, **sums)
    kind = "created" if status == "issued" else "voided"
    world.tell(f"{name}_{kind}", f"credit_note.{kind}", content, at=world.clock, charge=charge)


def foreign_noise(world: ProviderWorld) -> None:
    """Another product's subscription on the account, with its money, refund and dispute."""
    other = Shop("n", "xyzw"[world.noises % 4])
    if world.noises > 3:
        return
    world.noises += 1
    other.marked, other.price = False, {"id": "price_other", "product": "prod_other", "metadata": {}}
    at = world.clock
    for told in (
        other.subscription("created", "active", at=at),
        other.paid(at=at),
        other.refund("re", 500, at=at),
        other.dispute("needs_response", at=at),
        other.fraud_warning(at=at),
    ):
        world.say(told)


MONEY_DEEDS: Mapping[Deed, MoneyDeed] = {
    Deed.REFUND: refund,
    Deed.REFUND_COMES_BACK: refund_comes_back,
    Deed.DISPUTE: dispute_opens,
    Deed.DISPUTE_TURNS: dispute_turns,
    Deed.WARNING: warn,
    Deed.WARNING_ENDS: warning_ends,
    Deed.REVIEW: review,
    Deed.REVIEW_CLOSES: review_closes,
    Deed.CREDIT_NOTE: credit_note,
    Deed.NOTE_IS_VOIDED: note_is_voided,
}
