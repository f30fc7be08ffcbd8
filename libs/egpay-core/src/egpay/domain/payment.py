"""Payment: paid, given back, lost in disputes, doubted; what is gone never exceeds what was paid."""

from datetime import datetime

import msgspec

from egpay.domain.credits import CreditRecord, InvoiceStatus, furthest
from egpay.domain.disputes import GRAVEST_FIRST, Dispute, DisputeState
from egpay.domain.refunds import RefundRecord, Refunds
from egpay.domain.risk import REFUNDED_AS_FRAUD, FraudWarning, RadarReview
from egpay.domain.values import InvoiceId, PaymentIntentId, SaleId, SubscriptionId, prefer


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Payment, in minor units of its currency; the sums are derived from `refunds` and `disputes`.

    Its `id` is the sale's for the payment of the order itself and the invoice's for a renewal, so that every
    report of one payment is stored in one row, whatever ids it carries. `disputes` and `reviews` have rows of their
    own.
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
    amount_lost: int = 0
    gone_in_full: bool = False
    dispute: DisputeState | None = None
    refunds: Refunds = msgspec.field(default_factory=Refunds)
    warnings: dict[str, FraudWarning] = {}
    credit_notes: dict[str, CreditRecord] = {}
    invoice_status: InvoiceStatus | None = None
    disputes: dict[str, Dispute] = {}
    reviews: dict[str, RadarReview] = {}

    @property
    def gone(self) -> int:
        """How much of it we no longer have."""
        gone = self.amount_refunded + self.amount_lost
        return min(gone, self.amount) if self.amount else gone

    @property
    def was_gone_in_full(self) -> bool:
        """Whether it is `gone_in_full`, or was before a refund failed or the bank decided again."""
        lost = sum(self.share_of(one) for one in self.disputes.values() if one.was_lost)
        most = self.refunds.most_given_back(self.in_own_currency, amount=self.amount) + lost + self.credited
        return self.gone_in_full or self.refunds.ever_in_full or 0 < self.amount <= most

    @property
    def was_touched(self) -> bool:
        """Whether anything was reported about it beside its settlement."""
        return bool(
            self.refunds.told_at or self.refunds.known or self.disputes or self.warnings or self.reviews
        )

    @property
    def credited(self) -> int:
        """What credit notes gave back by themselves."""
        notes = [one for one in self.credit_notes.values() if not one.voided]
        return sum(self.in_own_currency(one.given_back, one.currency) or 0 for one in notes)

    @property
    def part_refunded(self) -> bool:
        """Whether a part of it is gone, refunded or lost, and a part is not."""
        return self.gone > 0 and not self.gone_in_full

    @property
    def in_doubt(self) -> bool:
        """Whether a dispute is open, so that the bank has not decided about the money."""
        return self.dispute is DisputeState.OPEN

    @property
    def warned(self) -> bool:
        """Whether the card's issuer warned of fraud, and the payment can still be refunded for it."""
        return any(one.actionable for one in self.warnings.values())

    @property
    def under_review(self) -> bool:
        """Whether a review is open."""
        return any(one.is_open for one in self.reviews.values())

    @property
    def refunded_as_fraud(self) -> bool:
        """Whether a review ended as fraud, which also cancels what it was paid for."""
        return any(one.closed_reason == REFUNDED_AS_FRAUD for one in self.reviews.values())

    @property
    def currency_is_unclear(self) -> bool:
        """Whether a refund or a loss cannot be brought to its currency, so that it is not in the sums."""
        lost = [one for one in self.disputes.values() if one.state is not DisputeState.WON]
        return not self.refunds.is_clear(self.in_own_currency) or any(
            one.amount is not None and self.in_own_currency(one.amount, one.currency) is None for one in lost
        )

    def settled(self, amount: int, currency: str, at: datetime) -> "Payment":
        """Add settled money; the largest amount and the earliest time reported hold."""
        return self._with(
            amount=max(amount, self.amount),
            currency=self.currency or currency,
            paid_at=min(at, self.paid_at) if self.paid_at else at,
        )

    def refunded(
        self, total: int, *, in_full: bool, at: datetime, currency: str | None = None, of: int | None = None
    ) -> "Payment":
        """Add the total that its charge, of amount `of` in that currency, reported at that time."""
        return self._with(
            refunds=self.refunds.reported(total, in_full=in_full, at=at, currency=currency, of=of)
        )

    def with_refund(self, name: str, record: RefundRecord) -> "Payment":
        """Add a report of one refund, by the provider's id of it."""
        return self._with(refunds=self.refunds.with_refund(name, record))

    def disputed(self, report: Dispute) -> "Payment":
        """Add a report of one dispute, by the provider's id of it."""
        known = self.disputes.get(report.id)
        return self._with(disputes={**self.disputes, report.id: known.observe(report) if known else report})

    def warned_of_fraud(self, name: str, warning: FraudWarning) -> "Payment":
        """Add a report of an early fraud warning, by the provider's id of it."""
        known = self.warnings.get(name)
        return self._with(warnings={**self.warnings, name: known.merged(warning) if known else warning})

    def reviewed(self, review: RadarReview) -> "Payment":
        """Add a report of a review."""
        known = self.reviews.get(review.id)
        return self._with(reviews={**self.reviews, review.id: known.merged(review) if known else review})

    def credited_by(self, name: str, note: CreditRecord) -> "Payment":
        """Add a report of a credit note, by the provider's id of it."""
        known = self.credit_notes.get(name)
        return self._with(credit_notes={**self.credit_notes, name: known.merged(note) if known else note})

    def invoice_reached(self, status: InvoiceStatus) -> "Payment":
        """Add how its invoice stands."""
        return self._with(invoice_status=furthest(self.invoice_status, status))

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

    def in_own_currency(self, amount: int, currency: str | None) -> int | None:
        """Bring an amount to the payment's currency, by the share that it is of its own charge; None if unknown."""
        if currency is None or self.currency in (None, currency):
            return amount
        charge = self.refunds.charge_amount if self.refunds.told_currency == currency else None
        return amount * self.amount // charge if charge and self.amount else None

    def share_of(self, dispute: Dispute) -> int:
        """How much of it a dispute is about, as far as that is known."""
        if dispute.amount is None:
            return self.amount
        return self.in_own_currency(dispute.amount, dispute.currency) or 0

    def _with(self, **facts: object) -> "Payment":
        """The payment with changed facts and everything derived from them."""
        after = msgspec.structs.replace(self, **facts)
        states = {one.state for one in after.disputes.values()}
        lost = [one for one in after.disputes.values() if one.state is DisputeState.LOST]
        amount_lost = sum(after.share_of(one) for one in lost)
        back = after.refunds.given_back(after.in_own_currency) + after.credited
        # More than was paid cannot be given back: then a refund has failed, and that was not reported yet.
        possible = after.refunds.counting(after.in_own_currency) <= after.amount
        in_full = after.refunds.in_full or (possible and 0 < after.amount <= back)
        gone = in_full or 0 < after.amount <= (back if possible else 0) + amount_lost
        return msgspec.structs.replace(
            after,
            amount_refunded=min(back, after.amount) if after.amount else back,
            refunded_in_full=in_full,
            amount_lost=min(amount_lost, after.amount) if after.amount else amount_lost,
            gone_in_full=gone or (not after.amount and any(one.amount is None for one in lost)),
            dispute=next((each for each in GRAVEST_FIRST if each in states), None),
        )
