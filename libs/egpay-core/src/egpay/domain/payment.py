"""Payment: paid, given back, lost in disputes, doubted; what is gone never exceeds what was paid."""

from datetime import datetime

import msgspec

from egpay.domain.credits import CreditRecord, InvoiceStatus, furthest
from egpay.domain.disputes import GRAVEST_FIRST, Dispute, DisputeState
from egpay.domain.payment_facts import PaymentFacts
from egpay.domain.refund_requests import RefundRequest
from egpay.domain.refunds import RefundRecord
from egpay.domain.risk import FraudWarning, RadarReview
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SubscriptionId, prefer


class Payment(PaymentFacts, frozen=True, kw_only=True):
    """Payment of an order or a renewal; each report about it adds a fact, and the sums follow."""

    def settled(self, amount: int, currency: str, at: datetime, *, by_invoice: bool = False) -> "Payment":
        """Add settled money, and the earliest time reported.

        An invoice says what was paid beside a balance, which its page does not; the page undoes a conversion, which the
        invoice does not. Of several reports of one kind the largest holds. `invoice_reached` is called after it.
        """
        if self.currency not in (None, currency):
            holds = not by_invoice
        elif by_invoice is self.invoice_is_paid or self.paid_at is None:
            holds = amount > self.amount
        else:
            holds = by_invoice
        return self._with(
            amount=amount if holds else self.amount,
            currency=currency if holds or self.currency is None else self.currency,
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

    def with_refund_request(self, act: MessageId, request: RefundRequest) -> "Payment":
        """Add what an act asks for, or that the provider refused it."""
        return msgspec.structs.replace(self, refund_requests={**self.refund_requests, act: request})

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

    @property
    def invoice_is_paid(self) -> bool:
        """Whether its invoice was reported as paid, in which way ever."""
        return self.invoice_status in (InvoiceStatus.PAID, InvoiceStatus.PAID_OUT_OF_BAND)

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
        """Whether these ids are of another payment, after money came under this one's, or after it was doubted.

        Before money, a refund or a dispute of one of two pages may be heard of first, by its sale alone.
        """
        pairs = ((self.invoice_id, invoice), (self.payment_intent_id, payment_intent))
        differ = [known != told for known, told in pairs if known and told]
        if self.paid_at is None:  # one invoice may be tried by several intents
            return self.was_touched and bool(differ) and all(differ)
        return any(differ)

    def _with(self, **facts: object) -> "Payment":
        """The payment with changed facts and everything derived from them."""
        after = msgspec.structs.replace(self, **facts)
        if after.is_whole:
            return after
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
