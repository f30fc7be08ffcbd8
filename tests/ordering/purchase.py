"""Shared steps of the scenarios: one purchase's webhooks, and the endings that many have in common."""

from scenario import Told, Truth
from shop import Shop

DAY = 86_400
PERIOD = 30 * DAY
PAID = {"a": "paid"}
ACTIVE = {"a": "active"}


def purchase(shop: Shop, *, at: int = 0) -> tuple[Told, ...]:
    """SC(incomplete), SU(active), IP, IPS, CSC(paid)."""
    return (
        shop.subscription("created", "incomplete", at=at),
        shop.subscription("updated", "active", at=at + 1),
        shop.paid(at=at + 1),
        shop.paid(at=at + 1, kind="payment_succeeded"),
        shop.completed(at=at + 2),
    )


def traceable(shop: Shop) -> Truth:
    """Truth that leads from a payment over its invoice to the sale."""
    invoices = {shop.name(kind): shop.stripe_invoice(kind) for kind in ("in",)}
    return Truth(invoices=invoices, invoice_of={shop.name("pi_in"): shop.name("in")})
