"""What Stripe took off or added to an order's lines, as its session says it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from egpay.adapters import wire
from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.events import CheckoutCompleted
from egpay.domain.values import TotalDetails
from egpay.ports.inbox import Disposition
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def completed(**fields: Any) -> CheckoutCompleted:
    body = event("checkout.session.completed", stripe.session(Generation.ENDIVE, **fields))
    found = translate(body, live=False, at=NOW).event
    assert isinstance(found, CheckoutCompleted)
    return found


def test_discount_shipping_and_tax_are_told() -> None:
    said = {"amount_discount": 1_000, "amount_shipping": 490, "amount_tax": 2_060}
    assert completed(total_details=said).totals == TotalDetails(discount=1_000, shipping=490, tax=2_060)


@pytest.mark.parametrize("said", [{"amount_discount": 0, "amount_shipping": None, "amount_tax": 0}, {}])
def test_what_stripe_does_not_compute_is_nothing(said: dict[str, Any]) -> None:
    assert completed(total_details=said).totals == TotalDetails()


def test_a_session_of_before_there_were_total_details_is_silent_and_its_message_is_the_old_one() -> None:
    told = completed(total_details=None)
    assert told.totals is None
    assert b"totals" not in wire.event_message(told).payload


def test_totals_come_back_from_the_wire() -> None:
    told = completed(total_details={"amount_discount": 5, "amount_shipping": 0, "amount_tax": 7})
    assert msgspec.json.decode(wire.event_message(told).payload, type=CheckoutCompleted).totals == told.totals


def test_an_amount_that_is_none_is_not_understood() -> None:
    body = event(
        "checkout.session.completed",
        stripe.session(Generation.ENDIVE, total_details={"amount_discount": -5}),
    )
    assert translate(body, live=False, at=NOW).disposition is Disposition.PARKED
