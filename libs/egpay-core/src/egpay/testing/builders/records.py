"""Record builders: orders, sales, subscriptions and accounts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from egpay.adapters.system.ids import new_sale_id
from egpay.domain.account import Account, open_account
from egpay.domain.catalogue import Interval, Kind, Product
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order, OrderLine
from egpay.domain.sale import Sale
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import Address, ProductId, SubscriptionId, email_key

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

SENSOR = Product(
    id=ProductId("sensor"),
    kind=Kind.DEVICE,
    name="Sensor",
    description="Measures.",
    unit_amount=4900,
    currency="eur",
)
MONITORING = Product(
    id=ProductId("monitoring"),
    kind=Kind.SUBSCRIPTION,
    name="Monitoring",
    description="Watches.",
    unit_amount=1900,
    currency="eur",
    interval=Interval.MONTH,
)


def moment(seconds: float = 0) -> datetime:
    """The time so many seconds after NOON."""
    return NOON + timedelta(seconds=seconds)


def order(*, devices: int = 3, plan: Product | None = MONITORING, **changes: Any) -> Order:
    """An order of devices and a subscription, by ada@example.com of Analytical."""
    lines = [_line(SENSOR, devices)] if devices else []
    if plan:
        lines.append(_line(plan, 1))
    placed = Order(
        organisation="Analytical",
        name="Ada Lovelace",
        email="ada@example.com",
        lines=tuple(lines),
        shipping_address=Address(line1="12 St James's Square", city="London", country="GB"),
    )
    return msgspec.structs.replace(placed, **changes)


def sale(placed: Order | None = None, *, at: float = 0, **changes: Any) -> Sale:
    """A sale of an order that was just placed; its id is its own unless given."""
    opened = open_sale(placed or order(), sale_id=new_sale_id(), at=moment(at))
    return msgspec.structs.replace(opened, **changes)


def subscription(name: str = "sub_1", *, at: float = 0, **changes: Any) -> Subscription:
    """An active subscription without a provisioned account."""
    known = Subscription(id=SubscriptionId(name), status=SubscriptionStatus.ACTIVE, reported_at=moment(at))
    return msgspec.structs.replace(known, **changes)


def account(
    email: str = "ada@example.com", *, opened_by: str = "sub_1", organisation: str = "Analytical"
) -> Account:
    """The organisation and admin of an e-mail."""
    return open_account(
        organisation=organisation,
        name="Ada Lovelace",
        email=email,
        key=email_key(email),
        opened_by=SubscriptionId(opened_by),
    )


def _line(product: Product, quantity: int) -> OrderLine:
    return OrderLine(
        product=product.id,
        kind=product.kind,
        name=product.name,
        quantity=quantity,
        unit_amount=product.unit_amount,
        currency=product.currency,
        interval=product.interval,
    )
