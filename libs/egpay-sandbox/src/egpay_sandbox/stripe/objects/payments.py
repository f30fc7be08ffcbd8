"""Payment objects: methods, intents and charges. Amounts are minor units."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata, Shipping

PaymentMethodType = Literal["card", "sepa_debit"]


class PaymentMethod(msgspec.Struct, frozen=True, kw_only=True, tag="payment_method", tag_field="object"):
    """Card, or a bank account whose answer takes days."""

    id: str
    created: int
    type: PaymentMethodType
    customer: str | None = None
    email: str | None = None
    name: str | None = None
    brand: str = "visa"
    last4: str = "4242"


class PaymentIntent(msgspec.Struct, frozen=True, kw_only=True, tag="payment_intent", tag_field="object"):
    """One intent to collect an amount (docs.stripe.com/api/payment_intents/object)."""

    id: str
    created: int
    amount: int
    currency: str
    secret: str
    status: Literal["requires_payment_method", "requires_action", "processing", "succeeded", "canceled"]
    customer: str | None = None
    description: str | None = None
    latest_charge: str | None = None
    payment_method: str | None = None
    means: PaymentMethodType = "card"
    metadata: Metadata = {}
    shipping: Shipping | None = None
    off_session: bool = False
    order_reference: str | None = None
    error: str | None = None
    canceled_at: int | None = None


class Charge(msgspec.Struct, frozen=True, kw_only=True, tag="charge", tag_field="object"):
    """One attempt to move money; `balance_transaction` is set once it is settled."""

    id: str
    created: int
    amount: int
    currency: str
    status: Literal["succeeded", "pending", "failed"]
    payment_intent: str
    payment_method: str | None = None
    means: PaymentMethodType = "card"
    customer: str | None = None
    email: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: Metadata = {}
    shipping: Shipping | None = None
    amount_refunded: int = 0
    disputed: bool = False
    balance_transaction: str | None = None
    failure: str | None = None
