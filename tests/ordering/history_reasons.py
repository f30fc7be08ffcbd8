"""Reasons of cases after a random history: which must be open by the rules of the business, and which may be.

Written from the rules of the business and not from the code.
"""

from dataclasses import dataclass, field

from history_acts import ParcelFate
from history_money import TrueCharge
from history_world import ProviderWorld


@dataclass(slots=True)
class StandingReasons:
    """Ids of cases: `must` are open, `may` can be, no other one is."""

    must: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)

    def add(self, case: str, *, stands: bool) -> None:
        """Adds a case whose reason stands."""
        if stands:
            self.must.add(case)


def standing_reasons(world: ProviderWorld) -> StandingReasons:
    """Derives the cases from the truth at the end."""
    found = StandingReasons()
    for charge in world.truth.charges.values():
        _of_charge(world, charge, found)
    truth = world.truth
    nothing_left = any(one.gone_in_full for one in truth.charges.values())
    name = f"refunded_but_running:{world.shop.name('sub')}"
    found.add(name, stands=truth.plan and truth.charges_again and nothing_left)
    if truth.order and truth.devices:
        _of_devices(world, truth.order, found)
    return found


def _of_charge(world: ProviderWorld, charge: TrueCharge, found: StandingReasons) -> None:
    """Disputes, warnings, reviews and refunds that came back.

    A refund that came back is owed unless a dispute decides, or all went back in another way; where a part of it did,
    or was lost, a person may be asked.
    """
    shop = world.shop
    for name, dispute in charge.disputes.items():
        found.add(f"dispute:{shop.name(name)}", stands=dispute.is_open)
    warning = f"fraud_warning:{shop.name(f'issfr{charge.invoice}')}"
    found.add(warning, stands=bool(charge.warning) and not charge.gone_in_full)
    found.add(f"review:{shop.name(f'prv{charge.invoice}')}", stands=charge.review == "")
    for name, refund in charge.refunds.items():
        if refund.counts or charge.disputed or charge.gone_in_full:
            continue
        case = f"refund_failed:{shop.name(name)}"
        if charge.gone:
            found.may.add(case)
        else:
            found.add(case, stands=True)


def _of_devices(world: ProviderWorld, order: TrueCharge, found: StandingReasons) -> None:
    """What is owed to the buyer, or by him: after money back in full only what he has is asked for."""
    truth, sale, reports = world.truth, world.shop.sale_id, world.truth.reports
    ours = not order.gone_in_full
    lost, back = truth.left and "failed" in reports, "returned" in reports
    one_is_there = truth.left and (truth.fate is ParcelFate.SPLIT or not (lost or back))
    refused = not truth.left and "failed" in reports and not order.was_gone
    found.add(f"not_shipped:{sale}", stands=ours and refused)
    found.add(f"parcel_lost:{sale}", stands=ours and lost)
    found.add(f"parcel_back:{sale}", stands=ours and back)
    found.add(f"return:{sale}", stands=not ours and one_is_there)
    found.add(f"amount:{sale}", stands=ours and truth.one_cent)
    if truth.left or not ours:
        return
    if not order.was_gone and order.ever_given_back + order.lost >= order.amount > 0:
        # what came back may be heard of after what was made in its place: then it looks as if all was gone
        found.may |= {f"paid_not_shipped:{sale}", f"part_refunded:{sale}"}
    elif order.was_gone:
        found.add(f"paid_not_shipped:{sale}", stands=not order.disputed)
    else:
        found.add(f"part_refunded:{sale}", stands=order.given_back > 0 and not world.history.ships_part)
