"""Scenarios of several organisations: one person orders for two of them, or twice for one, in any order."""

from typing import Any

from ownership_scenarios import catalogue, dashboard, owned
from purchase import purchase
from scenario import Required, Scenario, Told
from shop import Shop

OTHER = "Difference Engines"


def settled(shop: Shop, *, at: int) -> tuple[Told, ...]:
    """SC(active), IP, CSC(paid)."""
    return (
        shop.subscription("created", "active", at=at),
        shop.paid(at=at),
        shop.completed(at=at + 1),
    )


def two_organisations(tag: str) -> Scenario:
    """2. Ordered for two organisations, as the second order says: one person, admin of both, introduced once."""
    first, second = Shop(tag), Shop(tag, "b", buyer="a")
    required = Required(
        sales={"a": "paid", "b": "paid"},
        subscriptions={"a": "active", "b": "active"},
        organisations=2,
        letters=("introduction", "organisation_added"),
        parcels={"a": 3, "b": 3},
    )
    return Scenario(
        "30",
        "two organisations of one person",
        tag,
        (first.sold(), second.sold(organisation=OTHER, another_organisation=True)),
        (*settled(first, at=0), *settled(second, at=50)),
        required,
    )


def two_organisations_unsaid(tag: str) -> Scenario:
    """2. Both ordered before either was known, so that no order could be refused: each keeps its own name."""
    first, second = Shop(tag), Shop(tag, "b", buyer="a")
    required = Required(
        sales={"a": "paid", "b": "paid"},
        subscriptions={"a": "active", "b": "active"},
        organisations=2,
        letters=("introduction", "organisation_added"),
        parcels={"a": 3, "b": 3},
    )
    return Scenario(
        "30b",
        "two organisations ordered at once",
        tag,
        (first.sold(), second.sold(organisation=OTHER)),
        (*settled(first, at=0), *settled(second, at=50)),
        required,
    )


def second_organisation_later(tag: str) -> Scenario:
    """2. A known admin orders for another organisation, twice: one more organisation, one letter about it."""
    first, second, third = Shop(tag), Shop(tag, "b", buyer="a"), Shop(tag, "c", buyer="a")
    required = Required(
        sales={"a": "paid", "b": "paid", "c": "paid"},
        subscriptions={"a": "active", "b": "active", "c": "active"},
        organisations=2,
        letters=("account_used_again", "introduction", "organisation_added"),
        parcels={"a": 3, "b": 3, "c": 3},
        cases=("second_subscription",),
    )
    other: dict[str, Any] = {"organisation": OTHER, "another_organisation": True}
    return Scenario(
        "30c",
        "a second organisation, ordered twice",
        tag,
        (first.sold(), second.sold(**other), third.sold(organisation=f" {OTHER.upper()}  ")),
        (*settled(second, at=50), *settled(third, at=60)),
        required,
        before=purchase(first),
    )


def ordered_and_made_at_stripe(tag: str) -> Scenario:
    """2. Ordered here, and made at Stripe for a customer of the same e-mail: one account, which the order names."""
    bought, made = Shop(tag), dashboard(tag, "b")
    made.buyer = bought.buyer
    required = Required(
        sales={"a": "paid"},
        subscriptions={"a": "active", "b": "active"},
        parcels={"a": 3},
        cases=("second_subscription",),
    )
    told = (*settled(bought, at=0), made.subscription("created", "active", at=50), made.paid(at=50))
    return Scenario(
        "30d",
        "ordered here and made at Stripe",
        tag,
        (bought.sold(organisation="Analytical Engines Ltd"),),
        told,
        required,
        owned(made),
        catalogue=catalogue(tag),
    )


def customer_of_the_second(tag: str) -> Scenario:
    """24. Made in the dashboard for a customer of the second organisation: it is that one's."""
    first, second, made = Shop(tag), Shop(tag, "b", buyer="a"), dashboard(tag, "c")
    customer = {"customer": second.name("cus")}
    told = (
        made.subscription("created", "active", at=500, **customer),
        made.subscription("updated", "active", at=501, name="seats", quantity=4, **customer),
        made.paid(at=500, **customer),
    )
    required = Required(
        sales={"a": "paid", "b": "paid"},
        subscriptions={"a": "active", "b": "active", "c": "active"},
        organisations=2,
        letters=("introduction", "organisation_added"),
        parcels={"a": 3, "b": 3},
        cases=("second_subscription",),
    )
    return Scenario(
        "24b",
        "a further subscription of the second organisation",
        tag,
        (first.sold(), second.sold(organisation=OTHER, another_organisation=True)),
        told,
        required,
        owned(made),
        before=(*purchase(first), *purchase(second, at=50)),
        catalogue=catalogue(tag),
    )


def devices_of_a_known_admin(tag: str) -> Scenario:
    """2. Devices alone, for his organisation and for a name that is none of his: only the first are linked."""
    bought, devices, others = Shop(tag), Shop(tag, "b", buyer="a"), Shop(tag, "c", buyer="a")
    required = Required(
        sales={"a": "paid", "b": "paid", "c": "paid"},
        subscriptions={"a": "active"},
        parcels={"a": 3, "b": 2, "c": 1},
        linked=("b",),
    )
    alone: dict[str, Any] = {"subscription": None, "invoice": None}
    told = (
        *settled(bought, at=0),
        devices.completed(at=5, payment_intent=devices.name("pi"), amount_subtotal=9_800, **alone),
        others.completed(at=6, payment_intent=others.name("pi"), amount_subtotal=4_900, **alone),
    )
    sold = (
        bought.sold(),
        devices.sold(devices=2, plan=False, organisation="analytical"),
        others.sold(devices=1, plan=False, organisation=OTHER),
    )
    return Scenario("30e", "devices of a known admin", tag, sold, told, required)


ORGANISATION_SCENARIOS = (
    two_organisations,
    two_organisations_unsaid,
    second_organisation_later,
    ordered_and_made_at_stripe,
    customer_of_the_second,
    devices_of_a_known_admin,
)
