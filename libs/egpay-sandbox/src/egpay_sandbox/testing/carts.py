"""Cart fixtures: carts as egpay sends them, in one place."""

from typing import Any


def line(amount: int, name: str, quantity: int = 1, *, every: str | None = None) -> dict[str, Any]:
    """Builds a line with an inline price: `amount` is euro cents, `every` an interval."""
    price: dict[str, Any] = {"currency": "eur", "unit_amount": amount, "product_data": {"name": name}}
    if every:
        price["recurring"] = {"interval": every}
    return {"price_data": price, "quantity": quantity}


def devices() -> dict[str, Any]:
    """Builds a cart of three readers, paid once."""
    return {
        "mode": "payment",
        "line_items": [line(2500, "Reader", 3)],
        "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/cart",
        "client_reference_id": "sale_1",
        "metadata": {"sale_id": "sale_1"},
    }


def mixed() -> dict[str, Any]:
    """Builds a cart of a monthly plan with three readers on its first invoice."""
    return {
        **devices(),
        "mode": "subscription",
        "line_items": [line(1000, "Plan", every="month"), line(2500, "Reader", 3)],
        "subscription_data": {"metadata": {"sale_id": "sale_1"}},
    }
