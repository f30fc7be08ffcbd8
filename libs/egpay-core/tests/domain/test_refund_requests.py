"""The price of what goes back by line: its share of what was paid, and parts that add up to the whole."""

import pytest

from egpay.domain.refund_requests import OrderedLine, price_of
from egpay.domain.values import ProductId

SENSOR, PLAN = ProductId("sensor"), ProductId("plan")
ORDERED = (
    OrderedLine(product=SENSOR, quantity=3, unit_due=4_900, device=True),
    OrderedLine(product=PLAN, quantity=1, unit_due=1_900),
)


@pytest.mark.parametrize(
    ("paid", "shipping", "quantity", "price"),
    [
        (16_600, 0, 1, 4_900),
        (16_600, 0, 3, 14_700),
        (14_940, 0, 1, 4_410),  # 10 % off
        (17_928, 0, 1, 5_292),  # 10 % off and 20 % tax
        (17_200, 600, 2, 9_800),  # shipping is of no piece
    ],
)
def test_a_piece_costs_its_share_of_what_was_paid(
    paid: int, shipping: int, quantity: int, price: int
) -> None:
    assert price_of(ORDERED, {}, {SENSOR: quantity}, paid=paid, shipping=shipping) == price


def test_pieces_that_go_back_one_by_one_add_up_to_all_that_was_paid() -> None:
    back: dict[ProductId, int] = {}
    prices = []
    for product in (SENSOR, PLAN, SENSOR, SENSOR):
        prices.append(price_of(ORDERED, back, {product: 1}, paid=10_001, shipping=600))
        back[product] = back.get(product, 0) + 1
    assert sum(prices) == 10_001
    assert prices == [2_774, 1_077, 2_775, 3_375]


def test_the_price_of_a_piece_is_an_amount_that_the_currency_has() -> None:
    prices = [price_of(ORDERED, {SENSOR: n}, {SENSOR: 1}, paid=10_010, step=10) for n in range(3)]
    assert prices == [2_950, 2_950, 2_960]
    assert price_of(ORDERED, {SENSOR: 3}, {PLAN: 1}, paid=10_010, step=10) == 1_150


def test_a_line_on_trial_costs_nothing_and_the_devices_all_of_it() -> None:
    trial = (ORDERED[0], OrderedLine(product=PLAN, quantity=1, unit_due=0))
    assert price_of(trial, {}, {SENSOR: 3}, paid=15_000, shipping=300) == 15_000
    assert price_of(trial, {}, {PLAN: 1}, paid=15_000, shipping=300) == 0


def test_nothing_goes_back_of_an_order_that_cost_nothing() -> None:
    free = (OrderedLine(product=SENSOR, quantity=3, unit_due=0, device=True),)
    assert price_of(free, {}, {SENSOR: 3}, paid=0) == 0
