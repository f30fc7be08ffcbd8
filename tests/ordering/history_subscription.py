"""Deeds of a subscription in a random history: renewals, seats, ends and pauses, with their webhooks."""

from collections.abc import Callable, Mapping

from history_acts import Deed
from history_money import TrueCharge
from history_world import RENEWED, ProviderWorld

from egpay.testing.builders import moment

_AHEAD = int(moment(30 * 86_400).timestamp())
"""An end that no letter of a history comes too late for."""


def renewal(world: ProviderWorld) -> None:
    """A renewal is paid; one that is owed comes first."""
    if _owed(world) or world.truth.status == "paused":
        return
    charge = _next_invoice(world)
    world.say(world.shop.renewed(at=world.clock, invoice=charge.invoice), charge)
    world.report("active")


def renewal_fails(world: ProviderWorld) -> None:
    """A renewal cannot be collected, once more."""
    if world.truth.status == "paused":
        return
    charge = _owed(world) or _next_invoice(world, paid=False)
    charge.tries += 1
    charge.owed_since = world.clock if charge.tries == 1 else charge.owed_since
    told = world.shop.unpaid(charge.tries, at=world.clock, invoice=charge.invoice, since=charge.owed_since)
    world.say(told, charge)
    world.report("past_due" if charge.tries < 3 else "unpaid")


def renewal_is_paid(world: ProviderWorld) -> None:
    """A renewal that is owed is collected after all."""
    charge = _owed(world)
    if charge is None:
        return
    charge.paid = True
    world.say(world.shop.renewed(at=world.clock, invoice=charge.invoice), charge)
    world.report("active")


def seats(world: ProviderWorld) -> None:
    """The buyer takes more seats."""
    world.truth.seats += 2
    world.report(world.truth.status)


def end_is_set(world: ProviderWorld) -> None:
    """The buyer sets an end."""
    if world.truth.cancel_at is None:
        world.truth.cancel_at = _AHEAD + 86_400 * len(world.truth.ends)
        world.truth.ends.add(world.truth.cancel_at)
        world.report(world.truth.status)


def end_is_taken_back(world: ProviderWorld) -> None:
    """The buyer takes the end back."""
    if world.truth.cancel_at is not None:
        world.truth.cancel_at = None
        world.report(world.truth.status)


def pause(world: ProviderWorld) -> None:
    """It is paused, or goes on again."""
    if world.truth.status in ("active", "paused"):
        world.report("paused" if world.truth.status == "active" else "active")


def end(world: ProviderWorld) -> None:
    """It ends."""
    world.report("canceled", kind="deleted")


def customer_is_deleted(world: ProviderWorld) -> None:
    """The customer is deleted, and the subscription with it."""
    world.say(world.shop.customer_deleted(at=world.clock))
    world.report("canceled", kind="deleted")


def _owed(world: ProviderWorld) -> TrueCharge | None:
    return next((one for one in world.truth.charges.values() if not one.paid), None)


def _next_invoice(world: ProviderWorld, *, paid: bool = True) -> TrueCharge:
    name = f"in{len(world.truth.charges) + 1}"
    world.truth.charges[name] = TrueCharge(name, RENEWED, of_order=False, paid=paid)
    return world.truth.charges[name]


SUBSCRIPTION_DEEDS: Mapping[Deed, Callable[[ProviderWorld], None]] = {
    Deed.RENEWAL: renewal,
    Deed.RENEWAL_FAILS: renewal_fails,
    Deed.RENEWAL_IS_PAID: renewal_is_paid,
    Deed.SEATS: seats,
    Deed.END_IS_SET: end_is_set,
    Deed.END_IS_TAKEN_BACK: end_is_taken_back,
    Deed.PAUSE: pause,
    Deed.END: end,
    Deed.CUSTOMER_IS_DELETED: customer_is_deleted,
}
