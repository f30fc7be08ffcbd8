"""What became of a payment: paid, given back in part or whole, or disputed by the buyer's bank."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.refunds import Refunds
from egpay.domain.values import InvoiceId, PaymentIntentId, SaleId, SubscriptionId, prefer


class Dispute(StrEnum):
    """How a dispute stands; `lost` also covers money the bank already took back for good."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, in minor units; what went back follows from `refunds`. Its `id` is the sale's for the payment of
    the order itself and the invoice's for a renewal, so that every report of one payment lands on one row whatever
    names it carries."""

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
    disputes: dict[str, Dispute] = {}
    refunds: Refunds = msgspec.field(default_factory=Refunds)

    @property
    def given_back(self) -> bool:
        """Nothing of it is left with us: refunded as a whole, in parts that add up, or lost to a dispute."""
        in_parts = 0 < self.amount <= self.amount_refunded
        return self.refunded_in_full or in_parts or Dispute.LOST in self.disputes.values()

    @property
    def was_given_back(self) -> bool:
        """It is, or it was before a refund failed."""
        in_parts = 0 < self.amount <= self.refunds.most
        return self.given_back or self.refunds.ever_in_full or in_parts

    @property
    def in_doubt(self) -> bool:
        """The bank has not decided yet whether we keep it."""
        return Dispute.OPEN in self.disputes.values()

    def settled(self, amount: int, currency: str, at: datetime) -> "Payment":
        """Money arrived; the largest amount and the earliest time reported hold."""
        return msgspec.structs.replace(
            self,
            amount=max(amount, self.amount),
            currency=self.currency or currency,
            paid_at=min(at, self.paid_at) if self.paid_at else at,
        )

    def refunded(self, amount_refunded: int, *, in_full: bool, at: datetime) -> "Payment":
        """Money went back: so much in all, at that time."""
        return self._with(self.refunds.reported(amount_refunded, in_full=in_full, at=at))

    def refund_failed(self, name: str, amount: int, *, at: datetime) -> "Payment":
        """Money that was to go back did not, by the provider's name for that refund."""
        return self._with(self.refunds.failing(name, amount, at=at))

    def disputed(self, name: str, dispute: Dispute) -> "Payment":
        """The bank asks, or has decided on, one dispute by the provider's name for it. A verdict is not taken back by
        a late report that it asked. `dispute` tells how they stand together: one that is open outweighs a lost one,
        and that a won one."""
        if dispute is Dispute.OPEN and name in self.disputes:
            return self
        disputes = {**self.disputes, name: dispute}
        gravest = next(
            each for each in (Dispute.OPEN, Dispute.LOST, Dispute.WON) if each in disputes.values()
        )
        return msgspec.structs.replace(self, disputes=disputes, dispute=gravest)

    def linked(
        self,
        *,
        subscription: SubscriptionId | None = None,
        invoice: InvoiceId | None = None,
        payment_intent: PaymentIntentId | None = None,
        overwrite: bool = False,
    ) -> "Payment":
        """Remember the provider's names for this payment; what is known stays, unless it is told `overwrite` (see
        `Sale.linked`)."""
        return msgspec.structs.replace(
            self,
            subscription_id=prefer(self.subscription_id, subscription, overwrite=overwrite),
            invoice_id=prefer(self.invoice_id, invoice, overwrite=overwrite),
            payment_intent_id=prefer(self.payment_intent_id, payment_intent, overwrite=overwrite),
        )

    def is_second_payment(self, *, invoice: InvoiceId | None, payment_intent: PaymentIntentId | None) -> bool:
        """Money came under these names, and under other ones before: it was paid twice."""
        pairs = ((self.invoice_id, invoice), (self.payment_intent_id, payment_intent))
        return self.paid_at is not None and any(known and told and known != told for known, told in pairs)

    def _with(self, refunds: Refunds) -> "Payment":
        return msgspec.structs.replace(
            self, refunds=refunds, amount_refunded=refunds.amount, refunded_in_full=refunds.in_full
        )
