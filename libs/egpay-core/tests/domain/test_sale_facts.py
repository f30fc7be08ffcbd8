import itertools
from datetime import UTC, datetime, timedelta

import pytest

from egpay.domain.catalogue import Interval, Kind
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order, OrderLine
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.values import ProductId, SaleId, SessionId, email_key

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, SECOND = SessionId("cs_1"), SessionId("cs_2")


def line(product: str, kind: Kind, quantity: int, unit_amount: int) -> OrderLine:
    return OrderLine(
        product=ProductId(product),
        kind=kind,
        name=product,
        quantity=quantity,
        unit_amount=unit_amount,
        currency="eur",
        interval=Interval.MONTH if kind is Kind.SUBSCRIPTION else None,
    )


def a_sale() -> Sale:
    order = Order(
        organisation="Analytical Engines",
        name="Ada",
        email=" Ada@Example.COM ",
        lines=(line("sensor", Kind.DEVICE, 3, 4900), line("plan", Kind.SUBSCRIPTION, 1, 1900)),
    )
    return open_sale(order, sale_id=SaleId("sale_1"), at=NOON)


def test_a_sale_knows_what_was_ordered() -> None:
    sale = a_sale()
    assert (sale.total, sale.currency, sale.device_quantity, sale.plan) == (16600, "eur", 3, "plan")
    assert sale.status is SaleStatus.IN_PROGRESS


def test_letter_case_and_space_do_not_make_another_person() -> None:
    assert a_sale().email_key == email_key("ada@example.com")
    assert a_sale().email == " Ada@Example.COM "


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_payment_outweighs_whatever_else_is_told_of_the_session(order: tuple[int, ...]) -> None:
    facts = (
        lambda sale: sale.session_reached(FIRST, SessionProgress.EXPIRED),
        lambda sale: sale.session_reached(FIRST, SessionProgress.FAILED),
        lambda sale: sale.settled(NOON),
    )
    sale = a_sale()
    for index in order:
        sale = facts[index](sale)
    assert sale.status is SaleStatus.PAID


def test_money_that_goes_back_outweighs_the_payment() -> None:
    assert a_sale().settled(NOON).refunded_in_full().status is SaleStatus.REFUNDED
    assert a_sale().refunded_in_full().settled(NOON).status is SaleStatus.REFUNDED


def test_the_earliest_report_of_the_payment_is_kept() -> None:
    later = NOON + timedelta(seconds=5)
    assert a_sale().settled(later).settled(NOON).paid_at == NOON
    assert a_sale().settled(NOON).settled(later).paid_at == NOON


def test_a_session_that_was_overtaken_has_no_say() -> None:
    sale = a_sale().session_reached(SECOND, SessionProgress.OPEN)
    assert sale.session_reached(FIRST, SessionProgress.EXPIRED) == sale


def test_what_the_provider_called_it_first_stays() -> None:
    sale = a_sale().linked(billing_email="first@example.com").linked(billing_email="second@example.com")
    assert sale.billing_email == "first@example.com"
