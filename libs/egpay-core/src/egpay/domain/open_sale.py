"""Opening of a sale: what an order becomes before any provider has it."""

from datetime import datetime

from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId, SaleId, email_key


def open_sale(order: Order, *, sale_id: SaleId, at: datetime, customer: CustomerId | None = None) -> Sale:
    """Start a sale from an order, before any provider has it; `customer` is known to it before, if there is one."""
    return Sale(
        id=sale_id,
        organisation=order.organisation,
        name=order.name,
        email=order.email,
        email_key=email_key(order.email),
        device_quantity=order.device_quantity,
        plan=order.plan,
        total=order.total,
        currency=order.currency,
        billing_email=order.billing_email,
        created_at=at,
        another_organisation=order.another_organisation,
        customer_id=customer,
    )
