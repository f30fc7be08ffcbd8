"""A payment provider: opens a Checkout page for a sale, and answers when its own reports leave a doubt."""

from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.events import SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, PaymentIntentId, SaleId, SessionId, SubscriptionId


class CheckoutSession(msgspec.Struct, frozen=True):
    """A page where the buyer pays; the fragment of `url` belongs to it and must survive. `expires_at` (UTC) is when
    it closes by itself; None when the provider did not say."""

    id: SessionId
    url: str
    expires_at: datetime | None = None


class PaymentTrace(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment belongs to; both are None when it is not ours. `sale_id` is given only where it was the
    sale's own payment (of its session, or of the first invoice); a renewal is known by its invoice alone."""

    sale_id: SaleId | None = None
    invoice_id: InvoiceId | None = None


class Payments(Protocol):
    """Stripe today. Every method raises Outage when the provider is down, slow or asks to come back later, and
    Defect when it refuses what we built."""

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:
        """Open the Checkout page of a sale. Asking twice for one `session_attempt` yields the same page."""
        ...

    async def expire_checkout(self, session: SessionId) -> bool:
        """Close a Checkout page, so that nobody can pay on it; also true when it is closed or unknown. False when it
        is too late: its buyer has completed it."""
        ...

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Tell which sale or invoice a payment belongs to."""
        ...

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Tell whose a subscription is; None when the provider does not know it, or its customer has no e-mail."""
        ...

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """Where an open invoice can be paid; None when it cannot."""
        ...

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """Tell how a subscription stands at this moment; None when the provider does not know it."""
        ...
