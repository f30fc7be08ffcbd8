"""Payment lookup: resolves a payment intent to its sale or its invoice.

Since 2025-03-31.basil a payment does not name its invoice, and Stripe copies no metadata onto a
subscription's payments (docs.stripe.com/api/invoice-payment/list).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from egpay.adapters.stripe.inbound import dispute
from egpay.adapters.stripe.inbound.envelope import EventHeader, conservative_now
from egpay.adapters.stripe.inbound.invoice import InvoiceView
from egpay.adapters.stripe.inbound.translated import (
    Expanded,
    Listed,
    Metadata,
    NotOurs,
    NotUnderstood,
    marked_installation,
    marked_sale_id,
    object_id,
    referred_id,
)
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.errors import Defect
from egpay.domain.events import DisputeReported, Source
from egpay.domain.owner import Owner
from egpay.domain.values import CustomerId, InvoiceId, MessageId, PaymentIntentId, SubscriptionId, email_key
from egpay.ports.payments import PaymentTrace, UnpaidRenewal


class Intent(msgspec.Struct, frozen=True):
    """Metadata of a payment intent, which names a sale when it is of devices alone."""

    metadata: Metadata | None = None


class Settlement(msgspec.Struct, frozen=True):
    """The invoice of an invoice payment."""

    invoice: InvoiceId | Expanded[InvoiceId]


async def look_up_payment(api: StripeApi, payment_intent: PaymentIntentId) -> PaymentTrace:
    """The sale if this is the payment of the order itself; the invoice also if it is a renewal's."""
    intent = await api.get(f"/v1/payment_intents/{path_id(payment_intent, 'payment intent')}")
    if intent is None:
        return PaymentTrace()
    with _understood("payment intent"):
        mark = read(intent, Intent).metadata
        sale_id = marked_sale_id(mark)
    invoice_id = await _invoice_paid_by(api, payment_intent)
    if invoice_id and not sale_id:
        return await _trace_invoice(api, invoice_id)
    return PaymentTrace(sale_id=sale_id, invoice_id=invoice_id, installation=marked_installation(mark))


async def _invoice_paid_by(api: StripeApi, payment_intent: PaymentIntentId) -> InvoiceId | None:
    query = {"payment": {"type": "payment_intent", "payment_intent": payment_intent}, "limit": 1}
    answer = await api.get("/v1/invoice_payments", query)
    settlements = read(answer, Listed[Settlement]).data if answer else []
    with _understood("invoice payment"):
        return referred_id(settlements[0].invoice, "invoice") if settlements else None


async def _trace_invoice(api: StripeApi, invoice_id: InvoiceId) -> PaymentTrace:
    """Trace an invoice; whether its subscription is ours is the rules' to say."""
    answer = await api.get(f"/v1/invoices/{path_id(invoice_id, 'invoice')}")
    if answer is None:
        return PaymentTrace()
    invoice = read(answer, InvoiceView)
    with _understood("invoice"):
        return PaymentTrace(
            sale_id=invoice.sale_id() if invoice.initial() else None,
            invoice_id=invoice_id,
            subscription_id=invoice.subscription_id(),
            installation=invoice.installation(),
        )


async def look_up_unpaid_renewal(api: StripeApi, subscription_id: SubscriptionId) -> UnpaidRenewal | None:
    """The open invoice that fell due first, but for the one that began the subscription.

    Stripe lists the newest first, and a hundred open ones are more than any subscription has: it stops long before.
    """
    path_id(subscription_id, "subscription")
    query = {"subscription": subscription_id, "status": "open", "limit": 100}
    answer = await api.get("/v1/invoices", query)
    with _understood("invoice"):
        owed = [
            UnpaidRenewal(invoice_id=object_id(one.id, "id"), owed_since=since)
            for one in (read(answer, Listed[InvoiceView]).data if answer else ())
            if not one.initial() and (since := one.owed_since())
        ]
    return min(owed, key=lambda one: (one.owed_since, one.invoice_id), default=None)


@contextmanager
def _understood(what: str) -> Iterator[None]:
    try:
        yield
    except NotUnderstood as fault:
        raise Defect(f"Stripe's {what} is not understood: {fault}") from None


async def look_up_dispute(api: StripeApi, dispute_id: str, *, at: datetime) -> DisputeReported | None:
    """The report of a dispute as it is now; None when Stripe knows no such dispute."""
    answer = await api.get(f"/v1/disputes/{path_id(dispute_id, 'dispute')}")
    if answer is None:
        return None
    about = EventHeader(
        id=MessageId(f"reconcile:{dispute_id}:{int(at.timestamp())}"),
        occurred_at=conservative_now(at),
        source=Source.RECONCILE,
    )
    try:
        return dispute.report(about, msgspec.Raw(answer))
    except (NotOurs, NotUnderstood, msgspec.MsgspecError) as fault:
        raise Defect(f"Stripe's dispute is not understood: {fault}") from None


class Billed(msgspec.Struct, frozen=True):
    """The part of a subscription that names its customer."""

    customer: CustomerId | Expanded[CustomerId]


class CustomerView(msgspec.Struct, frozen=True):
    """The part of a customer that says who it is (docs.stripe.com/api/customers/object)."""

    email: str | None = None
    name: str | None = None
    business_name: str | None = None
    individual_name: str | None = None


async def look_up_owner(api: StripeApi, subscription_id: SubscriptionId) -> Owner | None:
    """The owner; None when Stripe knows no such subscription, or its customer was deleted or has no e-mail."""
    subscription = await api.get(f"/v1/subscriptions/{path_id(subscription_id, 'subscription')}")
    if subscription is None:
        return None
    payer = read(subscription, Billed).customer
    customer_id = payer.id if isinstance(payer, Expanded) else payer
    answer = await api.get(f"/v1/customers/{path_id(customer_id, 'customer')}")
    customer = read(answer, CustomerView) if answer else CustomerView()
    if not customer.email:
        return None
    person = customer.individual_name or customer.name or ""
    return Owner(
        subscription_id=subscription_id,
        organisation=customer.business_name or customer.name or person or customer.email.rpartition("@")[2],
        name=person,
        email=customer.email,
        email_key=email_key(customer.email),
    )
