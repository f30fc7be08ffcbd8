"""Open invoice lookup: what is owed now, whether Stripe tries again, and the customer's current address.

docs.stripe.com/api/invoices/object. An invoice's own `customer_email` is a snapshot of when it was finalized.
"""

from datetime import datetime

import msgspec

from egpay.adapters.stripe.inbound.envelope import Timestamp, moment
from egpay.adapters.stripe.inbound.translated import Amount, Currency
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.values import InvoiceId
from egpay.ports.payments import OpenInvoice


class BilledCustomer(msgspec.Struct, frozen=True):
    """The customer of an invoice, expanded."""

    email: str | None = None


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

    @property
    def email(self) -> str | None:
        """The customer's current address; None without one, or when the customer was deleted."""
        return self.customer.email if isinstance(self.customer, BilledCustomer) else None


async def look_up_open_invoice(api: StripeApi, invoice: InvoiceId) -> OpenInvoice | None:
    """The invoice with its customer; None when it is unknown or not open."""
    answer = await api.get(f"/v1/invoices/{path_id(invoice, 'invoice')}", {"expand": ["customer"]})
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
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
