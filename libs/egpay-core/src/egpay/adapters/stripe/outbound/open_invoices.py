"""Invoice lookups: where it is shown, what is owed now, whether Stripe tries again, the customer's current address.

docs.stripe.com/api/invoices/object. An invoice's own `customer_email` is a snapshot of when it was finalized.
"""

from datetime import datetime

import msgspec

from egpay.adapters.stripe.inbound.envelope import Timestamp, moment
from egpay.adapters.stripe.inbound.translated import Amount, Currency
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.subscription import ENDED
from egpay.domain.values import InvoiceId
from egpay.ports.payments import OpenInvoice


class BilledCustomer(msgspec.Struct, frozen=True):
    """The customer of an invoice, expanded."""

    email: str | None = None


class BilledSubscription(msgspec.Struct, frozen=True):
    """The subscription of an invoice, expanded."""

    status: str | None = None


class BilledDetails(msgspec.Struct, frozen=True):
    """The details of an invoice that a subscription led to."""

    subscription: BilledSubscription | str | None = None


class BilledParent(msgspec.Struct, frozen=True):
    """The origin of an invoice."""

    subscription_details: BilledDetails | None = None


class PayableInvoice(msgspec.Struct, frozen=True):
    """Fields of an invoice that say whether and where it can be paid."""

    status: str | None = None
    hosted_invoice_url: str | None = None
    amount_remaining: Amount = 0
    currency: Currency = ""
    next_payment_attempt: Timestamp | None = None
    collection_method: str | None = None
    due_date: Timestamp | None = None
    customer: BilledCustomer | str | None = None
    parent: BilledParent | None = None

    @property
    def email(self) -> str | None:
        """The customer's current address; None without one, or when the customer was deleted."""
        return self.customer.email if isinstance(self.customer, BilledCustomer) else None

    @property
    def subscription_ended(self) -> bool:
        """Whether its subscription is over, also when no webhook has said so yet."""
        details = self.parent.subscription_details if self.parent else None
        billed = details.subscription if details else None
        return isinstance(billed, BilledSubscription) and billed.status in ENDED


async def look_up_open_invoice(api: StripeApi, invoice: InvoiceId) -> OpenInvoice | None:
    """The invoice with its customer and its subscription; None when it is unknown or not open."""
    wanted = {"expand": ["customer", "parent.subscription_details.subscription"]}
    answer = await api.get(f"/v1/invoices/{path_id(invoice, 'invoice')}", wanted)
    if answer is None:
        return None
    found = read(answer, PayableInvoice)
    if found.status != "open" or not found.hosted_invoice_url:
        return None
    return OpenInvoice(
        url=found.hosted_invoice_url,
        amount=found.amount_remaining,
        currency=found.currency,
        next_attempt_at=_moment(found.next_payment_attempt),
        by_invoice=found.collection_method == "send_invoice",
        due_at=_moment(found.due_date),
        email=found.email,
        subscription_ended=found.subscription_ended,
    )


async def look_up_invoice_page(api: StripeApi, invoice: InvoiceId) -> str | None:
    """The hosted page of an invoice, with its PDF and its receipt; None when it is unknown or a draft.

    The address expires, and a fresh one is in each answer (docs.stripe.com/invoicing/hosted-invoice-page).
    """
    answer = await api.get(f"/v1/invoices/{path_id(invoice, 'invoice')}")
    return read(answer, PayableInvoice).hosted_invoice_url if answer else None


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
