"""What became of a payment: paid, given back in part or whole, or disputed by the buyer's bank."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import InvoiceId, PaymentIntentId, SaleId, SubscriptionId


class Dispute(StrEnum):
    """How a dispute stands; `lost` also covers money the bank already took back for good."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, in minor units. Its `id` is the sale's for the payment of the order itself and the invoice's
    for a renewal, so that every report of one payment lands on one row whatever names it carries."""

    id: str
    provider: str = "stripe"
    sale_id: SaleId | None = None
    subscription_id: SubscriptionId | None = None
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None
    currency: str | None = None
    amount: int = 0
    paid_at: datetime | None = None
    amount_refunded: int = 0
    refunded_in_full: bool = False
    dispute: Dispute | None = None

    @property
    def given_back(self) -> bool:
        """Nothing of it is left with us: refunded as a whole, in parts that add up, or lost to a dispute."""
        in_parts = 0 < self.amount <= self.amount_refunded
        return self.refunded_in_full or in_parts or self.dispute is Dispute.LOST

    @property
    def in_doubt(self) -> bool:
        """The bank has not decided yet whether we keep it."""
        return self.dispute is Dispute.OPEN

    def settled(self, amount: int, currency: str, at: datetime) -> "Payment":
        """Money arrived; the largest amount and the earliest time reported hold."""
        return msgspec.structs.replace(
            self,
            amount=max(amount, self.amount),
            currency=self.currency or currency,
            paid_at=min(at, self.paid_at) if self.paid_at else at,
        )

    def refunded(self, amount_refunded: int, *, in_full: bool) -> "Payment":
        """Money went back. The provider counts up (`charge.amount_refunded`), so the largest report holds."""
        return msgspec.structs.replace(
            self,
            amount_refunded=max(amount_refunded, self.amount_refunded),
            refunded_in_full=self.refunded_in_full or in_full,
        )

    def disputed(self, dispute: Dispute) -> "Payment":
        """The bank asks; its verdict is not taken back by a late report that it asked."""
        if dispute is Dispute.OPEN and self.dispute is not None:
            return self
        return msgspec.structs.replace(self, dispute=dispute)

    def linked(
        self,
        *,
        subscription: SubscriptionId | None = None,
        invoice: InvoiceId | None = None,
        payment_intent: PaymentIntentId | None = None,
    ) -> "Payment":
        """Remember the provider's names for this payment; what is known stays."""
        return msgspec.structs.replace(
            self,
            subscription_id=self.subscription_id or subscription,
            invoice_id=self.invoice_id or invoice,
            payment_intent_id=self.payment_intent_id or payment_intent,
        )
