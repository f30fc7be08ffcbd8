"""Facts of a payment: what was paid, what of it is gone or in doubt, in its own currency."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from egpay.domain.credits import CreditRecord, InvoiceStatus
from egpay.domain.disputes import Dispute, DisputeState
from egpay.domain.refund_requests import RefundRequest
from egpay.domain.refunds import RefundRecord, Refunds
from egpay.domain.risk import REFUNDED_AS_FRAUD, FraudWarning, RadarReview
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, ProductId, SaleId, SubscriptionId


class PaymentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of a payment, in minor units of its currency; the sums are derived from `refunds` and `disputes`.

    Its `id` is the sale's for the payment of the order itself and the invoice's for a renewal, so that every
    report of one payment is stored in one row, whatever ids it carries. `disputes` and `reviews` have rows of their
    own. `refund_requests` are by the keys of the acts.
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
    refund_requests: dict[MessageId, RefundRequest] = {}

    @property
    def gone(self) -> int:
        """How much of it we no longer have."""
        gone = self.amount_refunded + self.amount_lost
        return min(gone, self.amount) if self.amount else gone

    @property
    def was_gone_in_full(self) -> bool:
        """Whether it is `gone_in_full`, or was before a refund failed, a note was voided or the bank decided again."""
        if self.is_whole:
            return False
        lost = sum(self.share_of(one) for one in self.disputes.values() if one.was_lost)
        most = self.refunds.most_given_back(self.in_own_currency, amount=self.amount) + self.credited
        most = max([most, *self._given_back_by_time()])
        return self.gone_in_full or self.refunds.ever_in_full or 0 < self.amount <= most + lost

    def _given_back_by_time(self) -> Iterator[int]:
        """What refunds and credit notes together had given back whenever one of them was made."""
        refunds, notes = self.refunds, self.credit_notes.values()
        for at in (*refunds.moments(), *(one.issued_at for one in notes)):
            credited = self._credited_by(one for one in notes if one.counted_at(at))
            back = credited + refunds.counted(self.in_own_currency, at)
            yield back if back <= self.amount else 0

    @property
    def was_touched(self) -> bool:
        """Whether anything was reported about it beside its settlement."""
        return bool(not self.is_whole or self.warnings or self.reviews)

    @property
    def is_whole(self) -> bool:
        """Whether no report took anything of it, as of nearly all, so that no sum is to be derived."""
        refunds = self.refunds
        return not (refunds.told_at or refunds.known or self.disputes or self.credit_notes)

    @property
    def credited(self) -> int:
        """What credit notes gave back by themselves."""
        return self._credited_by(one for one in self.credit_notes.values() if not one.voided)

    def _credited_by(self, notes: Iterable[CreditRecord]) -> int:
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

    def answer_to(self, act: MessageId) -> RefundRecord | None:
        """The refund that an act led to, once the provider reported it."""
        return next((one for one in self.refunds.known.values() if one.act == act), None)

    def is_pending(self, act: MessageId) -> bool:
        """Whether the provider has neither made nor refused what this act asked for."""
        asked = self.refund_requests.get(act)
        return asked is not None and asked.refusal is None and self.answer_to(act) is None

    @property
    def requested(self) -> int:
        """What was asked for and is not answered yet."""
        return sum(one.amount for act, one in self.refund_requests.items() if self.is_pending(act))

    @property
    def refundable(self) -> int:
        """What can still be given back: neither gone nor asked for."""
        return max(0, self.amount - self.gone - self.requested)

    @property
    def undecided_refund(self) -> int:
        """What went back without a word about the devices, which a refund by line, or of goodwill, says itself."""
        if not self.refund_requests:
            return self.amount_refunded
        said, awaited = 0, 0
        for act in self.refund_requests:
            asked = self.holding_request(act)
            if asked and asked.decides:
                pending = self.is_pending(act)
                said, awaited = said + asked.amount * (not pending), awaited + asked.amount * pending
        # The charge's total may be reported before the refund itself, which bears the act.
        unnamed = max(0, self.amount_refunded - self.refunds.counting(self.in_own_currency))
        return max(0, self.amount_refunded - said - min(awaited, unnamed))

    @property
    def lines_back(self) -> dict[ProductId, int]:
        """The quantities of the order that went back, or will."""
        back: dict[ProductId, int] = {}
        for one in filter(None, map(self.holding_request, self.refund_requests)):
            for product, quantity in one.lines.items():
                back[product] = back.get(product, 0) + quantity
        return back

    def holding_request(self, act: MessageId) -> RefundRequest | None:
        """What an act asked for, unless it was refused or its refund came back."""
        asked, answer = self.refund_requests.get(act), self.answer_to(act)
        holds = asked is not None and (answer.counts if answer else asked.refusal is None)
        return asked if holds else None

    @property
    def currency_is_unclear(self) -> bool:
        """Whether a refund or a loss cannot be brought to its currency, so that it is not in the sums."""
        if self.is_whole:
            return False
        lost = [one for one in self.disputes.values() if one.state is not DisputeState.WON]
        return not self.refunds.is_clear(self.in_own_currency) or any(
            one.amount is not None and self.in_own_currency(one.amount, one.currency) is None for one in lost
        )

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
