"""Payment: paid, refunded in part or in full, or disputed by the buyer's bank."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.refunds import Refunds
from egpay.domain.values import InvoiceId, PaymentIntentId, SaleId, SubscriptionId, prefer


class Dispute(StrEnum):
    """State of a dispute; `lost` also covers money that the bank already took back for good."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Payment, in minor units; the refunded sum is derived from `refunds`.

    Its `id` is the sale's for the payment of the order itself and the invoice's for a renewal, so that every
    report of one payment is stored in one row, whatever ids it carries.
    """

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
        """Whether we have none of it: refunded in full, in parts that add up, or lost to a dispute."""
        in_parts = 0 < self.amount <= self.amount_refunded
        return self.refunded_in_full or in_parts or Dispute.LOST in self.disputes.values()

    @property
    def was_given_back(self) -> bool:
        """Whether it is `given_back`, or was before a refund failed."""
        in_parts = 0 < self.amount <= self.refunds.most
        return self.given_back or self.refunds.ever_in_full or in_parts

    @property
    def in_doubt(self) -> bool:
        """Whether a dispute is open, so that the bank has not decided about the money."""
        return Dispute.OPEN in self.disputes.values()

    def settled(self, amount: int, currency: str, at: datetime) -> "Payment":
        """Add settled money; the largest amount and the earliest time reported hold."""
        return msgspec.structs.replace(
            self,
            amount=max(amount, self.amount),
            currency=self.currency or currency,
            paid_at=min(at, self.paid_at) if self.paid_at else at,
        )

    def refunded(self, amount_refunded: int, *, in_full: bool, at: datetime) -> "Payment":
        """Add the refunded sum as reported at that time."""
        return self._with(self.refunds.reported(amount_refunded, in_full=in_full, at=at))

    def refund_failed(self, name: str, amount: int, *, at: datetime) -> "Payment":
        """Add a failed refund, by the provider's id of it."""
        return self._with(self.refunds.failing(name, amount, at=at))

    def disputed(self, name: str, dispute: Dispute) -> "Payment":
        """Add the state of one dispute, by the provider's id of it.

        A late report of the opening does not replace a verdict. `dispute` of the payment is the gravest of
        all: an open one outweighs a lost one, and that a won one.
        """
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
        """Add the provider's ids of this payment; existing ones stay unless `overwrite`, as in `Sale`."""
        return msgspec.structs.replace(
            self,
            subscription_id=prefer(self.subscription_id, subscription, overwrite=overwrite),
            invoice_id=prefer(self.invoice_id, invoice, overwrite=overwrite),
            payment_intent_id=prefer(self.payment_intent_id, payment_intent, overwrite=overwrite),
        )

    def is_second_payment(self, *, invoice: InvoiceId | None, payment_intent: PaymentIntentId | None) -> bool:
        """Whether money came under these ids after it came under other ones: it was paid twice."""
        pairs = ((self.invoice_id, invoice), (self.payment_intent_id, payment_intent))
        return self.paid_at is not None and any(known and told and known != told for known, told in pairs)

    def _with(self, refunds: Refunds) -> "Payment":
        return msgspec.structs.replace(
            self, refunds=refunds, amount_refunded=refunds.amount, refunded_in_full=refunds.in_full
        )
