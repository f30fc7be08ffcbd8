"""Billing objects: invoices, their lines, and their payments."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Address, Metadata, Shipping


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, tag="line_item", tag_field="object"):
    """Invoice line of a subscription item, or else of a one-time invoice item."""

    id: str
    price: str
    product: str
    unit_amount: int
    quantity: int
    description: str
    period_start: int
    period_end: int
    metadata: Metadata = {}
    subscription: str | None = None
    subscription_item: str | None = None
    invoice_item: str | None = None
    discount: int = 0
    prorated: int | None = None

    @property
    def amount(self) -> int:
        """Minor units for the whole quantity, before any discount."""
        return self.unit_amount * self.quantity if self.prorated is None else self.prorated


class Invoice(msgspec.Struct, frozen=True, kw_only=True, tag="invoice", tag_field="object"):
    """Invoice; `subscription_metadata` is a snapshot, never refreshed.

    docs.stripe.com/api/invoices/object
    """

    id: str
    created: int
    currency: str
    lines: list[InvoiceLine]
    billing_reason: Literal["subscription_create", "subscription_cycle", "subscription_update", "manual"]
    status: Literal["draft", "open", "paid", "void", "uncollectible"]
    customer: str | None
    number: str | None = None
    customer_email: str | None = None
    customer_name: str | None = None
    customer_address: Address | None = None
    customer_shipping: Shipping | None = None
    description: str | None = None
    subscription: str | None = None
    subscription_metadata: Metadata = {}
    metadata: Metadata = {}
    period_start: int = 0
    period_end: int = 0
    attempt_count: int = 0
    next_payment_attempt: int | None = None
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    uncollectible_at: int | None = None
    discount: str | None = None
    starting_balance: int = 0
    ending_balance: int | None = None
    credited_before: int = 0
    credited_after: int = 0
    off_stripe: bool = False
    due_date: int | None = None

    @property
    def subtotal(self) -> int:
        """Minor units before any discount."""
        return sum(line.amount for line in self.lines)

    @property
    def discounted(self) -> int:
        """Minor units that the discount takes off."""
        return sum(line.discount for line in self.lines)

    @property
    def total(self) -> int:
        """Minor units after the discount."""
        return self.subtotal - self.discounted

    @property
    def amount_due(self) -> int:
        """Minor units to collect: the total after the customer's balance and earlier credit notes."""
        return max(0, max(0, self.total + self.starting_balance) - self.credited_before)


class InvoicePayment(msgspec.Struct, frozen=True, kw_only=True, tag="invoice_payment", tag_field="object"):
    """Which payment intent, or payment outside of Stripe, paid which invoice: since basil the only link."""

    id: str
    created: int
    invoice: str
    amount: int
    currency: str
    status: Literal["open", "paid", "canceled"]
    payment_intent: str | None = None
    payment_record: str | None = None
    paid_at: int | None = None


class InvoiceItem(msgspec.Struct, frozen=True, kw_only=True, tag="invoiceitem", tag_field="object"):
    """One-time charge that an invoice took up, or a proration that the next one will."""

    id: str
    created: int
    customer: str
    invoice: str | None
    price: str
    product: str
    currency: str
    unit_amount: int
    quantity: int
    description: str
    subscription: str | None = None
    subscription_item: str | None = None
    prorated: int | None = None
    period_start: int | None = None
    period_end: int | None = None
