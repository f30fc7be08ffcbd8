"""Scenarios 17, 24 and 25: what is not ours, whose account it is, and no account before the money."""

from typing import Any

from purchase import ACTIVE, DAY, PAID, PERIOD, purchase
from scenario import Required, Scenario, Truth
from shop import START, Shop

from egpay.domain.foreign import NOTHING_OF_OURS, UNKNOWN_SALE, KnownPrice
from egpay.testing.builders import moment
from egpay.testing.stripe_objects import Json

NO_ACCOUNT: dict[str, Any] = {"organisations": 0, "letters": (), "access": "none"}


def dashboard(tag: str, letter: str = "a") -> Shop:
    """A subscription of our catalogue that a person made at Stripe."""
    shop = Shop(tag, letter)
    shop.marked, shop.price = False, price(tag)
    return shop


def price(tag: str) -> Json:
    """Builds a price of our catalogue as a subscription's item names it."""
    return {"id": f"price_{tag}", "product": f"prod_{tag}", "metadata": {}}


def catalogue(tag: str, *, since: int = -DAY) -> tuple[KnownPrice, ...]:
    """Builds the catalogue that has this price since so many seconds after the scenario's midnight."""
    at = moment(START + since - moment().timestamp())
    return (KnownPrice(id=f"price_{tag}", since=at),)


def owned(shop: Shop) -> Truth:
    """The provider's answers about who owns it, and which invoice and subscription a payment belongs to."""
    subscription, invoices = shop.name("sub"), {shop.name(kind): kind for kind in ("in", "in2")}
    return Truth(
        subscriptions={subscription: shop.stripe_subscription("active")},
        invoices={
            name: shop.stripe_invoice(
                kind, billing_reason="subscription_create" if kind == "in" else "subscription_cycle"
            )
            for name, kind in invoices.items()
        },
        invoice_of={shop.name(f"pi_{kind}"): name for name, kind in invoices.items()},
        customers={subscription: {"id": shop.name("cus"), "email": shop.buyer, "name": "Analytical"}},
    )


def other_product(tag: str) -> Scenario:
    """17. Another product's subscription, its money, its refund and its dispute: nothing follows."""
    shop = Shop(tag)
    shop.marked, shop.price = False, {"id": "price_other", "product": "prod_other", "metadata": {}}
    told = (
        shop.subscription("created", "active", at=0),
        shop.paid(at=1),
        shop.renewed(at=PERIOD),
        shop.refunded(at=50),
        shop.dispute("needs_response", at=60),
    )
    required = Required(**NO_ACCOUNT, foreign=(NOTHING_OF_OURS,))
    return Scenario("17", "another product's subscription", tag, (), told, required, owned(shop))


def other_installation(tag: str) -> Scenario:
    """17. A purchase of another installation on the account: the door ignores everything that bears its mark."""
    shop = Shop(tag)
    shop.installation = "inst_theirs"
    required = Required(**NO_ACCOUNT)
    return Scenario("17b", "a purchase of another installation", tag, (), purchase(shop), required)


def unmarked_installation(tag: str) -> Scenario:
    """17. The same from before installations were marked: a sale that our database does not know."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:], shop.refunded(at=50))
    required = Required(**NO_ACCOUNT, foreign=(UNKNOWN_SALE,))
    return Scenario("17c", "a sale of another database", tag, (), told, required, owned(shop))


def becomes_ours(tag: str) -> Scenario:
    """17. Its item is changed to a product of ours: what was set aside before is judged again."""
    shop = Shop(tag)
    shop.marked, shop.price = False, {"id": "price_other", "product": "prod_other", "metadata": {}}
    before = shop.subscription("created", "active", at=0)
    shop.price = price(tag)
    told = (
        before,
        shop.subscription("updated", "active", at=9),
        shop.paid(at=1),
        shop.renewed(at=PERIOD),
        shop.refunded(1_900, at=PERIOD + 5, total=1_900, invoice="in2"),
    )
    required = Required(subscriptions=ACTIVE, gone={"a2": 1_900}, cases=("refunded_but_running",))
    return Scenario(
        "17d",
        "a subscription that becomes ours",
        tag,
        (),
        told,
        required,
        owned(shop),
        catalogue=catalogue(tag),
    )


def adopted(tag: str) -> Scenario:
    """17. Older than its product's entry in our catalogue: an account, and no letter to a customer of years."""
    shop = dashboard(tag)
    told = (
        shop.subscription("created", "incomplete", at=0, created=START),
        shop.subscription("updated", "active", at=5, created=START),
        shop.paid(at=5),
    )
    required = Required(subscriptions=ACTIVE, letters=())
    return Scenario(
        "17e",
        "an old subscription is adopted",
        tag,
        (),
        told,
        required,
        owned(shop),
        catalogue=catalogue(tag, since=DAY),
    )


def known_customer(tag: str) -> Scenario:
    """24. Made in the dashboard for a customer of ours, whose e-mail there is the billing address."""
    bought, made = Shop(tag), dashboard(tag, "b")
    customer = {"customer": bought.name("cus")}
    told = (
        made.subscription("created", "active", at=500, **customer),
        made.subscription("updated", "active", at=501, name="seats", quantity=4, **customer),
        made.paid(at=500, **customer),
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "active", "b": "active"},
        parcels={"a": 3},
        cases=("second_subscription",),
    )
    return Scenario(
        "24",
        "a second subscription of a known customer",
        tag,
        (bought.sold(),),
        told,
        required,
        owned(made),
        before=purchase(bought),
        catalogue=catalogue(tag),
    )


def active_before_the_money(tag: str) -> Scenario:
    """25. Active while the debit pends, then it comes back: no account at any time."""
    shop = Shop(tag)
    told = (
        shop.completed(paid=False),
        shop.subscription("created", "active", at=0),
        shop.failed_later(at=5 * DAY),
        shop.subscription("updated", "past_due", at=5 * DAY),
    )
    required = Required(
        sales={"a": "payment_failed"},
        subscriptions={"a": "past_due"},
        organisations=0,
        letters=("payment_failed",),
        access="none",
    )
    return Scenario("25", "active before the money, which bounces", tag, (shop.sold(),), told, required)


def active_and_then_the_money(tag: str) -> Scenario:
    """25. Active while the debit pends, then it comes: one account, opened by the money."""
    shop = Shop(tag)
    told = (
        shop.completed(paid=False),
        shop.subscription("created", "active", at=0),
        shop.paid_later(at=5 * DAY),
        shop.paid(at=5 * DAY),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return Scenario("25b", "active before the money, which comes", tag, (shop.sold(),), told, required)


def paused_first(tag: str) -> Scenario:
    """25. Heard of as paused and unpaid only: mirrored, and no one is let in."""
    paused, unpaid = dashboard(tag), dashboard(tag, "b")
    told = (
        paused.subscription("updated", "paused", at=5),
        unpaid.subscription("updated", "past_due", at=4),
        unpaid.subscription("updated", "unpaid", at=5),
    )
    required = Required(subscriptions={"a": "paused", "b": "unpaid"}, **NO_ACCOUNT)
    return Scenario(
        "25c", "paused as the first news", tag, (), told, required, owned(paused), catalogue=catalogue(tag)
    )


def by_invoice(tag: str) -> Scenario:
    """25. A person made it to be paid by invoice: that is a grant, which opens before any money."""
    shop = dashboard(tag)
    told = (
        shop.subscription("created", "active", at=0, collection_method="send_invoice"),
        shop.subscription("updated", "active", at=9, quantity=4, collection_method="send_invoice"),
    )
    return Scenario(
        "25d",
        "a subscription to be paid by invoice",
        tag,
        (),
        told,
        Required(subscriptions=ACTIVE),
        owned(shop),
        catalogue=catalogue(tag),
    )


def without_an_email(tag: str) -> Scenario:
    """24. Made in the dashboard for a customer without an e-mail: a person says whose it is."""
    shop = dashboard(tag)
    customer = {"id": shop.name("cus"), "name": "Analytical"}
    told = (
        shop.subscription("created", "active", at=0),
        shop.paid(at=1),
        shop.customer(at=9),
        shop.subscription("updated", "active", at=12, quantity=4),
    )
    required = Required(subscriptions=ACTIVE, **NO_ACCOUNT, cases=("unknown_owner",))
    return Scenario(
        "24c",
        "a subscription without a known owner",
        tag,
        (),
        told,
        required,
        Truth(customers={shop.name("sub"): customer}),
        catalogue=catalogue(tag),
    )


OWNERSHIP_SCENARIOS = (
    other_product,
    other_installation,
    unmarked_installation,
    becomes_ours,
    adopted,
    known_customer,
    without_an_email,
    active_before_the_money,
    active_and_then_the_money,
    paused_first,
    by_invoice,
)
