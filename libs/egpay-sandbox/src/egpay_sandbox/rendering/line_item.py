"""Rendering of a Checkout Session's line items."""

from typing import Any

from egpay_sandbox.rendering.catalogue import render_price
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import CheckoutSession, SessionLine


def render_session_line(
    account: SandboxAccount, session: CheckoutSession, line: SessionLine
) -> dict[str, Any]:
    """Renders a line item (docs.stripe.com/api/checkout/sessions/line_items)."""
    return {
        "id": line.id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": line.discount,
        "amount_subtotal": line.amount,
        "amount_tax": 0,
        "amount_total": line.amount - line.discount,
        "currency": session.currency,
        "description": line.description,
        "metadata": line.metadata,
        "price": render_price(account, account.prices[line.price]),
        "quantity": line.quantity,
    }
