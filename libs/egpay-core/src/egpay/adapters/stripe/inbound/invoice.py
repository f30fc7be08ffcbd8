"""Invoice translation: payments of an order itself, or of one more period of a subscription.

docs.stripe.com/api/invoices/object
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader, Timestamp, moment
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Balance,
    Currency,
    Expanded,
    Listed,
    Metadata,
    NotOurs,
    Translated,
    decode_if_raw,
    marked_installation,
    marked_sale_id,
    object_id,
    referred_id,
    required,
)
from egpay.domain.events import InvoiceClosed, InvoicePaid
from egpay.domain.values import CustomerId, InvoiceId, PaymentIntentId, SaleId, SubscriptionId


class SubscriptionDetails(msgspec.Struct, frozen=True):
    """An invoice's subscription, with its metadata as it was when the invoice was finalised."""

    subscription: SubscriptionId | Expanded[SubscriptionId] | None = None
    metadata: Metadata | None = None


class Parent(msgspec.Struct, frozen=True):
    """The origin of an invoice (since 2025-03-31.basil)."""

    subscription_details: SubscriptionDetails | None = None


class InvoiceLineView(msgspec.Struct, frozen=True):
    """An invoice line; a subscription's carries its metadata in every API generation."""

    metadata: Metadata | None = None


class PayerView(msgspec.Struct, frozen=True):
    """The payment intent that pays an invoice."""

    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | None = None


class InvoicePaymentView(msgspec.Struct, frozen=True):
    """One payment towards an invoice (since 2025-03-31.basil, and only where it is expanded)."""

    payment: PayerView | None = None


class FinalisedView(msgspec.Struct, frozen=True):
    """When an invoice was finalised, from which on it is owed."""

    finalized_at: Timestamp | None = None


class InvoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an invoice that concern our sales and subscriptions."""

    id: InvoiceId
    metadata: Metadata | None = None
    billing_reason: str | None = None
    amount_paid: Amount | None = None
    amount_paid_off_stripe: Amount | None = None
    paid_out_of_band: bool | None = None
    subtotal: Balance | None = None
    pre_payment_credit_notes_amount: Amount | None = None
    currency: Currency | None = None
    customer: CustomerId | Expanded[CustomerId] | None = None
    attempt_count: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    parent: Parent | None = None
    subscription: SubscriptionId | Expanded[SubscriptionId] | None = None
    subscription_details: SubscriptionDetails | None = None
    lines: Listed[InvoiceLineView] | None = None
    payments: Listed[InvoicePaymentView] | None = None
    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | None = None
    status_transitions: FinalisedView | None = None
    due_date: Timestamp | None = None
    created: Timestamp | None = None

    def owed_since(self) -> datetime | None:
        """When it fell due: its due date where it has one, else when it was finalised, or at least made."""
        finalised = self.status_transitions.finalized_at if self.status_transitions else None
        since = self.due_date or finalised or self.created
        return moment(since) if since else None

    def subscription_id(self) -> SubscriptionId | None:
        """The subscription id: since 2025-03-31.basil in `parent`; before, a field of its own."""
        details = self.parent and self.parent.subscription_details
        return referred_id(details.subscription if details else self.subscription, "subscription")

    def sale_id(self) -> SaleId | None:
        """The sale id in its own metadata (a sale without subscription), else in the subscription's.

        The latter is since basil in `parent`, since 2023-06-29 in `subscription_details`, and on the lines in
        all generations."""
        return marked_sale_id(*self._marks())

    def installation(self) -> str | None:
        """The installation whose mark it bears, in the same places."""
        return marked_installation(*self._marks())

    def _marks(self) -> Iterator[Metadata | None]:
        details = self.parent and self.parent.subscription_details
        yield self.metadata
        yield details.metadata if details else None
        yield self.subscription_details.metadata if self.subscription_details else None
        yield from (line.metadata for line in (self.lines.data if self.lines else ()))

    def initial(self) -> bool:
        """Whether it is for the order itself, not a renewal or one that an operator bills by hand.

        That is the first of its subscription, or the one Checkout wrote for devices alone
        (`invoice_creation`)."""
        reason = required(self.billing_reason, "billing_reason")
        written_by_checkout = self.subscription_id() is None and marked_sale_id(self.metadata) is not None
        return reason == "subscription_create" or (reason == "manual" and written_by_checkout)

    def payment_intent_id(self) -> PaymentIntentId | None:
        """The payment intent: since basil in `payments`, absent from webhooks; before, its own field."""
        for entry in self.payments.data if self.payments else ():
            if entry.payment and entry.payment.payment_intent:
                return referred_id(entry.payment.payment_intent, "payment_intent")
        return referred_id(self.payment_intent, "payment_intent")

    def paid(self) -> int:
        """The amount in minor units, collected by Stripe or paid another way (`paid_out_of_band`)."""
        return max(required(self.amount_paid, "amount_paid"), self.amount_paid_off_stripe or 0)


_decode = msgspec.json.Decoder(InvoiceView).decode


def paid(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate a paid invoice."""
    invoice = our_invoice(raw)
    return Translated(
        InvoicePaid(
            **header,
            sale_id=invoice.sale_id(),
            installation=invoice.installation(),
            invoice_id=object_id(invoice.id, "id"),
            amount=invoice.paid(),
            currency=required(invoice.currency, "currency"),
            initial=invoice.initial(),
            subscription_id=invoice.subscription_id(),
            customer_id=referred_id(invoice.customer, "customer"),
            payment_intent_id=invoice.payment_intent_id(),
            out_of_band=bool(invoice.paid_out_of_band or invoice.amount_paid_off_stripe),
            subtotal=invoice.subtotal,
            credited=invoice.pre_payment_credit_notes_amount or 0,
        )
    )


def voided(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate an invoice that was voided."""
    return _closed(header, raw, voided=True)


def uncollectible(header: EventHeader, raw: msgspec.Raw | InvoiceView) -> Translated:
    """Translate an invoice that was given up; it may be paid all the same."""
    return _closed(header, raw, voided=False)


def _closed(header: EventHeader, raw: msgspec.Raw | InvoiceView, *, voided: bool) -> Translated:
    invoice = our_invoice(raw)
    return Translated(
        InvoiceClosed(
            **header,
            sale_id=invoice.sale_id(),
            installation=invoice.installation(),
            invoice_id=object_id(invoice.id, "id"),
            voided=voided,
            initial=invoice.initial(),
            currency=required(invoice.currency, "currency"),
            subscription_id=invoice.subscription_id(),
        )
    )


def our_invoice(raw: msgspec.Raw | InvoiceView) -> InvoiceView:
    """Read an invoice. Raises NotOurs when it names neither a subscription nor a sale."""
    invoice = decode_if_raw(raw, _decode)
    if invoice.subscription_id() is None and invoice.sale_id() is None:
        raise NotOurs("the invoice has neither a subscription nor a sale_id")
    return invoice
