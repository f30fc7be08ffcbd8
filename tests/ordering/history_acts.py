"""Acts of a random history: what may happen to an order, drawn by seeded dice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Paying(StrEnum):
    """How the buyer pays at Checkout."""

    CARD = "card"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    FREE = "free"
    TRIAL = "trial"
    ONE_CENT = "one cent"
    EXPIRED = "expired"


class Deed(StrEnum):
    """What happens at the provider; one that is not possible at that time happens not."""

    REFUND = "refund"
    REFUND_COMES_BACK = "refund comes back"
    DISPUTE = "dispute"
    DISPUTE_TURNS = "dispute turns"
    WARNING = "fraud warning"
    WARNING_ENDS = "fraud warning ends"
    REVIEW = "review"
    REVIEW_CLOSES = "review closes"
    CREDIT_NOTE = "credit note"
    NOTE_IS_VOIDED = "credit note is voided"
    RENEWAL = "renewal"
    RENEWAL_FAILS = "renewal fails"
    RENEWAL_IS_PAID = "failed renewal is paid"
    SEATS = "seats"
    END_IS_SET = "end is set"
    END_IS_TAKEN_BACK = "end is taken back"
    PAUSE = "pause"
    END = "end"
    CUSTOMER_IS_DELETED = "customer is deleted"
    FOREIGN = "foreign noise"


class ParcelFate(StrEnum):
    """What becomes of the parcel, once the warehouse may send it."""

    DELIVERED = "delivered"
    REFUSED = "cannot be sent"
    LOST = "lost"
    RETURNED = "returned"
    SPLIT = "two parcels, one is lost"


@dataclass(frozen=True, slots=True)
class HistoryAct:
    """One act; `which` chooses among the payments, `share` how much or in which way.

    `at_once`: in the same second as the act before, so that only the provider can say which came last.
    """

    deed: Deed
    which: int = 0
    share: int = 0
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class RandomHistory:
    """An order, what happens then, and the dice by which it is told.

    `ships_part` is PART_REFUND=ship; `mixed`: the webhooks come in several versions of the API.
    """

    paying: Paying
    devices: bool
    plan: bool
    fate: ParcelFate
    acts: tuple[HistoryAct, ...]
    seed: int
    ships_part: bool = False
    mixed: bool = False


MOST_ACTS = 8
_ANSWERS = {
    Deed.REFUND: Deed.REFUND_COMES_BACK,
    Deed.DISPUTE: Deed.DISPUTE_TURNS,
    Deed.WARNING: Deed.WARNING_ENDS,
    Deed.REVIEW: Deed.REVIEW_CLOSES,
    Deed.CREDIT_NOTE: Deed.NOTE_IS_VOIDED,
    Deed.RENEWAL_FAILS: Deed.RENEWAL_IS_PAID,
    Deed.END_IS_SET: Deed.END_IS_TAKEN_BACK,
}
"""What often comes next: most faults need a deed and its answer."""


def random_histories(seed: int) -> Iterator[RandomHistory]:
    """Draws histories without end, the same ones for a seed."""
    dice = random.Random(seed)  # noqa: S311 - repeatable dice, no secret
    while True:
        yield RandomHistory(
            paying=dice.choice((Paying.CARD, Paying.CARD, *Paying)),
            devices=dice.random() < 0.6,
            plan=dice.random() < 0.7,
            fate=dice.choice(tuple(ParcelFate)),
            acts=tuple(_acts(dice)),
            seed=dice.randint(0, 10_000),
            ships_part=dice.random() < 0.2,
            mixed=dice.random() < 0.3,
        )


def _acts(dice: random.Random) -> Iterator[HistoryAct]:
    deed, deeds = None, tuple(Deed)
    for _ in range(dice.randint(0, MOST_ACTS)):
        answer = _ANSWERS.get(deed) if deed else None
        deed = answer if answer and dice.random() < 0.4 else dice.choice(deeds)
        yield HistoryAct(deed, dice.choice((0, 0, 0, 1, 2)), dice.randint(0, 3), dice.random() < 0.15)


def simpler(history: RandomHistory) -> Iterator[RandomHistory]:
    """Generates the histories with one act less, each told in several ways."""
    for place in range(len(history.acts)):
        acts = history.acts[:place] + history.acts[place + 1 :]
        for seed in (history.seed, *range(20)):
            yield replace(history, acts=acts, seed=seed)
