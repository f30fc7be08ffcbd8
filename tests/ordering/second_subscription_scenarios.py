"""Scenario 23: a change of mind about one subscription while the same organisation buys another."""

from scenario import Required, Scenario, Told
from shop import START, Shop

BOUGHT = {"a": "paid", "b": "paid"}
PARCELS = {"a": 3, "b": 3}
TOLD = ("account_used_again", "introduction")


def _bought(shop: Shop, at: int) -> tuple[Told, ...]:
    return shop.subscription("created", "active", at=at), shop.paid(at=at), shop.completed(at=at + 1)


def _ending(shop: Shop) -> Told:
    return shop.subscription("updated", "active", at=10, name="ending", cancel_at=START + 5_000)


def taken_up_again(tag: str) -> Scenario:
    """23. A is to end, B is bought, A is taken up again: two go on, whichever is reported last."""
    one, two = Shop(tag, "a"), Shop(tag, "b", buyer="a")
    told = (_ending(one), *_bought(two, 20), one.subscription("updated", "active", at=30, name="resumed"))
    required = Required(
        sales=BOUGHT,
        subscriptions={"a": "active", "b": "active"},
        letters=TOLD,
        parcels=PARCELS,
        cases=("second_subscription",),
    )
    sold = (one.sold(), two.sold())
    return Scenario("23", "a subscription taken up again", tag, sold, told, required, before=_bought(one, 0))


def one_ends(tag: str) -> Scenario:
    """23. Two go on, then an end of A is set, and it ends: whichever is reported last, no case is left."""
    one, two = Shop(tag, "a"), Shop(tag, "b", buyer="a")
    told = (
        *_bought(two, 5),
        _ending(one),
        one.subscription("deleted", "canceled", at=5_000, cancel_at=START + 5_000),
    )
    required = Required(
        sales=BOUGHT,
        subscriptions={"a": "canceled", "b": "active"},
        letters=TOLD,
        parcels=PARCELS,
        access="full",
    )
    sold = (one.sold(), two.sold())
    return Scenario("23'", "one of two subscriptions ends", tag, sold, told, required, before=_bought(one, 0))


SECOND_SUBSCRIPTION_SCENARIOS = (taken_up_again, one_ends)
