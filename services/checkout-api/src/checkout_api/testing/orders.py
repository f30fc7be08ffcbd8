"""Test data: a small catalogue and a valid order."""

from typing import Any

from egpay.domain.catalogue import Interval, Kind, Product
from egpay.domain.values import ProductId

SENSOR = Product(
    id=ProductId("sensor"),
    kind=Kind.DEVICE,
    name="Sensor",
    description="Measures.",
    unit_amount=19_900,
    currency="eur",
)
PLAN = Product(
    id=ProductId("plan"),
    kind=Kind.SUBSCRIPTION,
    name="Plan",
    description="Watches.",
    unit_amount=4_900,
    currency="eur",
    interval=Interval.MONTH,
)
DOLLAR_HUB = Product(
    id=ProductId("hub-us"),
    kind=Kind.DEVICE,
    name="Hub",
    description="Connects.",
    unit_amount=9_900,
    currency="usd",
)
CATALOGUE = (SENSOR, PLAN, DOLLAR_HUB)
BERLIN = {"line1": "Lohmühlenstraße 65", "city": "Berlin", "postal_code": "12435", "country": "DE"}


def order_body(**changes: Any) -> dict[str, Any]:
    """Build an order of three sensors and a plan; a change to `...` leaves the field out."""
    body = {
        "line_items": [{"product": "sensor", "quantity": 3}, {"product": "plan", "quantity": 1}],
        "organisation": "Acme GmbH",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "shipping_address": BERLIN,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}
