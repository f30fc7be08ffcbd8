"""Parameters of a Checkout Session: what egpay may ask of Stripe's hosted page."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.catalogue import PriceData
from egpay_sandbox.stripe.requests.coupons import DiscountParams
from egpay_sandbox.stripe.requests.customers import ShippingParams
from egpay_sandbox.stripe.requests.paging import ListParams, Params

MetadataParam = dict[str, str] | str | None


class NestedParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A nested parameter."""


class AdjustableQuantity(NestedParams, frozen=True, kw_only=True):
    """Whether the buyer may change a quantity: the sandbox's page never allows it."""

    enabled: bool
    minimum: int | None = None
    maximum: int | None = None


class LineItemParams(NestedParams, frozen=True, kw_only=True):
    """One line: a price by id, or one created inline."""

    price: str | None = None
    price_data: PriceData | None = None
    quantity: Annotated[int, msgspec.Meta(ge=1, le=999_999)] | None = None
    metadata: MetadataParam = None
    adjustable_quantity: AdjustableQuantity | None = None


class SubscriptionData(NestedParams, frozen=True, kw_only=True):
    """Data that the subscription will carry."""

    trial_period_days: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None
    metadata: MetadataParam = None
    description: str | None = None


class PaymentIntentData(NestedParams, frozen=True, kw_only=True):
    """Data that the payment intent will carry."""

    metadata: MetadataParam = None
    description: str | None = None
    shipping: ShippingParams | None = None
    receipt_email: str | None = None
    setup_future_usage: Literal["on_session", "off_session"] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None


class InvoiceData(NestedParams, frozen=True, kw_only=True):
    """Data that the post-purchase invoice will carry."""

    metadata: MetadataParam = None
    description: str | None = None
    footer: str | None = None


class InvoiceCreation(NestedParams, frozen=True, kw_only=True):
    """Whether a one-time payment gets an invoice."""

    enabled: bool
    invoice_data: InvoiceData | None = None


class AllowedCountries(NestedParams, frozen=True, kw_only=True):
    """Countries to which the page may let the buyer ship."""

    allowed_countries: Annotated[list[str], msgspec.Meta(min_length=1)]


class EnabledParam(NestedParams, frozen=True, kw_only=True):
    """A feature that is on or off."""

    enabled: bool


class CustomerUpdate(NestedParams, frozen=True, kw_only=True):
    """Which fields Checkout writes back to an existing customer."""

    address: Literal["auto", "never"] = "never"
    name: Literal["auto", "never"] = "never"
    shipping: Literal["auto", "never"] = "never"


class TaxIdCollection(NestedParams, frozen=True, kw_only=True):
    """Whether the page asks for a tax id, and whether it must have one."""

    enabled: bool
    required: Literal["if_supported", "never"] = "never"


class AdaptivePricing(NestedParams, frozen=True, kw_only=True):
    """Whether the buyer may pay in the currency of his country: the sandbox's page offers none."""

    enabled: bool | None = None


class SessionCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/checkout/sessions/create, as of 2026-10-28.endive."""

    mode: Literal["payment", "subscription"]
    line_items: list[LineItemParams] | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    client_reference_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    customer_update: CustomerUpdate | None = None
    expires_at: int | None = None
    metadata: MetadataParam = None
    subscription_data: SubscriptionData | None = None
    payment_intent_data: PaymentIntentData | None = None
    invoice_creation: InvoiceCreation | None = None
    shipping_address_collection: AllowedCountries | None = None
    ui_mode: Literal["hosted_page", "embedded_page", "elements", "form"] = "hosted_page"
    currency: str | None = None
    locale: str | None = None
    submit_type: Literal["auto", "book", "donate", "pay", "subscribe"] | None = None
    billing_address_collection: Literal["auto", "required"] | None = None
    phone_number_collection: EnabledParam | None = None
    tax_id_collection: TaxIdCollection | None = None
    adaptive_pricing: AdaptivePricing | None = None
    automatic_tax: EnabledParam | None = None
    allow_promotion_codes: bool | None = None
    discounts: Annotated[list[DiscountParams], msgspec.Meta(max_length=1)] | None = None
    payment_method_collection: Literal["always", "if_required"] | None = None


class SessionList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/checkout/sessions/list."""

    customer: str | None = None
    payment_intent: str | None = None
    subscription: str | None = None
    status: Literal["open", "complete", "expired"] | None = None
