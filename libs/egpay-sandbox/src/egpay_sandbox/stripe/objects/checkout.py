"""Checkout objects: the session a buyer sees, its lines, and the portal they may open later."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Address, Metadata, Shipping


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a cart; `amount` is minor units for the whole quantity, before `discount`."""

    id: str
    price: str
    quantity: int
    description: str
    amount: int
    discount: int = 0
    metadata: Metadata = {}


class CheckoutSession(msgspec.Struct, frozen=True, kw_only=True, tag="checkout.session", tag_field="object"):
    """A Checkout Session (docs.stripe.com/api/checkout/sessions/object), with what it will pass on.

    `keeps_*` is what `customer_update` lets the page write to a given customer. The `*_metadata` fields are
    instructions for the objects that paying creates, never shown on the session.
    """

    id: str
    created: int
    expires_at: int
    mode: Literal["payment", "subscription"]
    lines: list[SessionLine]
    currency: str
    amount_total: int
    url: str
    success_url: str | None = None
    cancel_url: str | None = None
    status: Literal["open", "complete", "expired"] = "open"
    payment_status: Literal["paid", "unpaid", "no_payment_required"] = "unpaid"
    client_reference_id: str | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: str | None = None
    keeps_name: bool = False
    keeps_address: bool = False
    keeps_shipping: bool = False
    tax_id_collection: bool = False
    tax_id_required: str = "never"
    buyer_tax_id: str | None = None
    buyer_email: str | None = None
    buyer_name: str | None = None
    buyer_address: Address | None = None
    shipping: Shipping | None = None
    allowed_countries: list[str] | None = None
    payment_intent: str | None = None
    subscription: str | None = None
    invoice: str | None = None
    metadata: Metadata = {}
    subscription_metadata: Metadata = {}
    subscription_description: str | None = None
    trial_days: int | None = None
    payment_metadata: Metadata = {}
    payment_description: str | None = None
    payment_shipping: Shipping | None = None
    invoice_creation: bool = False
    invoice_metadata: Metadata = {}
    invoice_description: str | None = None
    locale: str | None = None
    submit_type: str | None = None
    billing_address_collection: str | None = None
    phone_number_collection: bool = False
    allow_promotion_codes: bool | None = None
    discount: str | None = None


class PortalSession(
    msgspec.Struct, frozen=True, kw_only=True, tag="billing_portal.session", tag_field="object"
):
    """Short-lived link to a customer's own billing page; `used_at` is when it was used last (Unix seconds)."""

    id: str
    created: int
    customer: str
    url: str
    configuration: str = ""
    return_url: str | None = None
    used_at: int | None = None
