"""Plan, seats, end and collection of a subscription, its successors, and the customer that takes it along."""

import itertools
from datetime import datetime
from typing import Any

import msgspec
from purchase_events import (
    INSTALLATION,
    NOON,
    SALE,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.events import BillingEvent, CustomerDeleted, Source, SubscriptionChanged
from egpay.domain.foreign import KnownPrice
from egpay.domain.subscription import Subscription, SubscriptionReport, SubscriptionStatus
from egpay.domain.subscription_item import SubscribedItem
from egpay.domain.values import CustomerId, InvoiceId, MessageId, ProductId, SaleId, SubscriptionId

ACTIVE, CANCELED = SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED
CUSTOMER = CustomerId("cus_one")
OTHER = SubscriptionId("sub_two")
MONTHLY = SubscribedItem(quantity=3, price_id="price_m", product_id="prod_m")
YEARLY = SubscribedItem(quantity=7, price_id="price_y", product_id="prod_y")
ADD_ON = SubscribedItem(quantity=40, price_id="price_addon", product_id="prod_addon")


def shop() -> FoldRecorder:
    ledger = FoldRecorder(a_sale())
    for name, product in (("price_m", "monthly"), ("price_y", "yearly")):
        ledger.pages.known_prices[name] = KnownPrice(
            id=name, since=INSTALLATION.since, product=ProductId(product)
        )
    return ledger


def reported(
    n: int, *items: SubscribedItem, status: SubscriptionStatus = ACTIVE, **facts: Any
) -> SubscriptionChanged:
    event = changed(status, n, at=later(n * 10))
    told = SubscriptionReport(status=status, customer_id=CUSTOMER, **facts)
    return msgspec.structs.replace(event, items=items, report=told)


def lines(ledger: FoldRecorder) -> list[tuple[str, str]]:
    kinds = ("plan", "seats", "end", "collection", "items")
    wanted = {f"subscription.{kind}" for kind in kinds}
    entries = [entry for outcome in ledger.outcomes for entry in outcome.entries]
    return [
        (entry.kind.removeprefix("subscription."), entry.what) for entry in entries if entry.kind in wanted
    ]


def seen(one: Subscription) -> tuple[str | None, str | None, int]:
    return one.plan, one.price_id, one.quantity


def test_plan_and_seats_come_from_the_item_of_ours_wherever_it_stands() -> None:
    for items in ((ADD_ON, MONTHLY), (MONTHLY, ADD_ON)):
        assert seen(shop().hear(reported(1, *items)).subscription) == ("monthly", "price_m", 3)


def test_a_price_of_ours_is_known_by_its_product_or_by_our_mark_too_and_not_by_anothers_mark() -> None:
    ledger = shop()
    ledger.pages.known_prices["prod_m"] = KnownPrice(id="prod_m", since=NOON, product=ProductId("monthly"))
    by_hand = SubscribedItem(quantity=2, price_id="price_by_hand", product_id="prod_m")
    assert seen(ledger.hear(reported(1, by_hand)).subscription) == ("monthly", "price_by_hand", 2)
    marked = SubscribedItem(
        quantity=5, price_id="price_new", marked_product=ProductId("yearly"), installation="inst_ours"
    )
    assert seen(shop().hear(reported(1, ADD_ON, marked)).subscription) == ("yearly", "price_new", 5)
    foreign = msgspec.structs.replace(marked, installation="inst_theirs")
    assert seen(shop().hear(reported(1, MONTHLY, foreign)).subscription) == ("monthly", "price_m", 3)


def test_each_change_of_plan_seats_end_and_collection_is_one_line() -> None:
    ledger = shop().hear(reported(1, MONTHLY), reported(2, YEARLY))
    assert lines(ledger) == [
        ("plan", "plan monthly (price_m) became yearly (price_y)"),
        ("seats", "3 seats became 7"),
    ]
    ledger.outcomes.clear()
    ledger.hear(
        reported(3, YEARLY, cancel_at=NOON), reported(4, YEARLY), reported(5, YEARLY, collection_paused=True)
    )
    ledger.hear(reported(6, YEARLY), reported(7, YEARLY))
    assert lines(ledger) == [
        ("end", "it will end at 2026-11-23 12:00 UTC"),
        ("end", "no end is set any more"),
        ("collection", "collection of its invoices is paused"),
        ("collection", "collection of its invoices goes on"),
    ]


def test_a_report_without_an_item_of_ours_leaves_plan_and_seats_and_one_line_says_so() -> None:
    ledger = shop().hear(reported(1, MONTHLY), reported(2, ADD_ON), reported(3, ADD_ON))
    assert seen(ledger.subscription) == ("monthly", "price_m", 3)
    assert lines(ledger) == [("items", "none of its items is of our catalogue; plan and seats stay")]


def test_plan_and_seats_are_the_same_in_every_order_of_reports() -> None:
    told = (reported(1, MONTHLY), reported(2, YEARLY), reported(3, ADD_ON), reported(4, status=CANCELED))
    for order in itertools.permutations(told):
        one = shop().hear(*order).subscription
        assert (*seen(one), one.status) == ("yearly", "price_y", 7, "canceled")


def test_seats_in_a_message_of_an_older_release_are_taken_from_the_report() -> None:
    ledger = shop().hear(changed(ACTIVE, quantity=4))
    assert ledger.subscription.quantity == 4
    assert seen(ledger.hear(reported(0, MONTHLY)).subscription) == ("monthly", "price_m", 3)


def test_a_report_from_the_future_is_asked_about_each_time() -> None:
    ahead = [msgspec.structs.replace(reported(n, MONTHLY), ahead=True) for n in (1, 2)]
    wanted = shop().hear(*ahead).wanted
    assert [one for one in wanted if one.startswith("refresh:")] == [
        f"refresh:sub_one:{event.id}" for event in ahead
    ]


def recreated(status: SubscriptionStatus = ACTIVE, n: int = 5) -> SubscriptionChanged:
    return msgspec.structs.replace(
        reported(n, MONTHLY, status=status), subscription_id=OTHER, id=MessageId(f"evt_{status}_{n}")
    )


def test_a_subscription_re_created_with_our_mark_takes_the_place_of_the_dead_one_in_every_order() -> None:
    rest = (recreated(), reported(6, MONTHLY, status=CANCELED))
    for order in itertools.permutations(rest):
        ledger = shop().hear(reported(1, MONTHLY), completed(), invoice()).hear(*order)
        assert ledger.sale.subscription_id == OTHER
        assert not [case for case in ledger.pages.cases.values() if case.is_open]


def test_while_the_first_subscription_of_a_sale_lives_the_sale_names_it() -> None:
    ledger = shop().hear(reported(1, MONTHLY), completed(), invoice(), recreated())
    assert ledger.sale.subscription_id == SUBSCRIPTION


def gone(at: datetime = NOON) -> CustomerDeleted:
    return CustomerDeleted(
        id=MessageId("evt_gone"), occurred_at=at, source=Source.STRIPE, customer_id=CUSTOMER
    )


def test_a_deleted_customer_ends_its_subscriptions_at_once_in_either_order() -> None:
    told: tuple[BillingEvent, ...] = (reported(1, MONTHLY), gone(later(50)))
    for order in itertools.permutations(told):
        ledger = shop().hear(*order)
        assert ledger.subscription.status == "canceled"
        assert not ledger.parked
        assert not ledger.pages.foreign


def test_a_deleted_customer_of_nothing_of_ours_is_foreign() -> None:
    ledger = shop().hear(gone())
    [foreign] = ledger.pages.foreign.values()
    assert foreign.reason == "foreign: no subscription of ours has this customer"


def two(*changes: SubscriptionChanged | CustomerDeleted) -> set[str]:
    """The open cases after two subscriptions of one organisation were bought and some changes."""
    second = SaleId("sale_two")
    ledger = FoldRecorder(a_sale(), a_sale(second))
    ledger.hear(reported(1, MONTHLY), invoice())
    bought = msgspec.structs.replace(
        reported(2, MONTHLY), subscription_id=OTHER, sale_id=second, id=MessageId("evt_second")
    )
    bought = msgspec.structs.replace(
        bought, report=SubscriptionReport(status=ACTIVE, customer_id=CustomerId("cus_two"))
    )
    ledger.hear(bought, invoice(2, subscription_id=OTHER, sale_id=second, invoice_id=InvoiceId("in_two")))
    ledger.hear(*changes)
    return {case.kind.value for case in ledger.pages.cases.values() if case.is_open}


def test_the_case_of_two_subscriptions_stands_as_long_as_both_go_on() -> None:
    assert two() == {"second_subscription"}
    for status in ("past_due", "unpaid", "trialing"):
        assert two(reported(9, MONTHLY, status=SubscriptionStatus(status))) == {"second_subscription"}
    for status in ("paused", "canceled"):
        assert two(reported(9, MONTHLY, status=SubscriptionStatus(status))) == set()
    ending = reported(9, MONTHLY, cancel_at=later(900))
    assert two(ending) == set()
    assert two(ending, reported(10, MONTHLY)) == {"second_subscription"}
    assert two(reported(9, MONTHLY, collection_paused=True)) == {"second_subscription"}
    assert two(gone(later(900))) == set()
    assert SALE == "sale_one"
