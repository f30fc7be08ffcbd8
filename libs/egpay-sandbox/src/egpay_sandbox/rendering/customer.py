"""Rendering of customers and their addresses."""

from typing import Any

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Address, Customer, Shipping


def render_address(address: Address | None) -> dict[str, Any] | None:
    """Renders an address: all six fields, or null."""
    return None if address is None else msgspec.structs.asdict(address)


def render_shipping(shipping: Shipping | None, *, parcel: bool = False) -> dict[str, Any] | None:
    """Renders name, phone and address; payments add the fields of a parcel."""
    if shipping is None:
        return None
    words = {"address": render_address(shipping.address), "name": shipping.name, "phone": shipping.phone}
    return {**words, "carrier": None, "tracking_number": None} if parcel else words


def render_customer(_: SandboxAccount, customer: Customer) -> dict[str, Any]:
    """Renders a customer (docs.stripe.com/api/customers/object); of a deleted one only that it was."""
    if customer.deleted:
        return {"id": customer.id, "object": "customer", "deleted": True}
    return {
        "id": customer.id,
        "object": "customer",
        "address": render_address(customer.address),
        "balance": customer.balance,
        "created": customer.created,
        "currency": customer.currency,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.description,
        "discount": None,
        "email": customer.email,
        "invoice_prefix": customer.invoice_prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": customer.default_payment_method,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": customer.metadata,
        "name": customer.name,
        "next_invoice_sequence": 1,
        "phone": customer.phone,
        "preferred_locales": customer.preferred_locales,
        "shipping": render_shipping(customer.shipping),
        "tax_exempt": customer.tax_exempt,
        "test_clock": None,
    }
