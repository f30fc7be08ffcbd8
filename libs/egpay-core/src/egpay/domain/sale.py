"""Sale: how far an order has come, from an open Checkout session to settled money.

A sale stores facts, and its status is the strongest of them, so that no order or repetition of events matters.

    IN_PROGRESS --completed--> AWAITING_PAYMENT --failed--> PAYMENT_FAILED
      |     ^ ^                                                |
    expired | +----------- session of a later attempt ---------+
      v     |
    EXPIRED-+

    each of these four --settled--> PAID --refunded--> REFUNDED
                                      ^--refund failed----+

A late fact may skip a status or follow EXPIRED. CANCELLED, which an operator decides, outweighs all others.
"""

from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec

from egpay.domain.cancellation import Cancellation
from egpay.domain.corrections import CorrectedAddress
from egpay.domain.values import (
    CustomerId,
    EmailKey,
    InvoiceId,
    OrganisationId,
    PaymentIntentId,
    ProductId,
    SaleId,
    SessionId,
    SubscriptionId,
    TotalDetails,
    prefer,
)


class SaleStatus(StrEnum):
    """Status of a sale, as `GET /v1/sales/{id}` shows it."""

    IN_PROGRESS = "in_progress"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    EXPIRED = "expired"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class SessionProgress(IntEnum):
    """Progress of one Checkout session; an earlier state never replaces a later one."""

    OPEN = 0
    EXPIRED = 1
    COMPLETED = 2
    FAILED = 3


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """Sale: buyer, provider's ids and facts about the payment (the document's SaleInProgress).

    `email_key` of the admin's address is its identity; `another_organisation`: the order named one beside those of this
    e-mail. `organisation_id`: whose devices they are, when no subscription says it. `session_attempt` counts its Checkout
    sessions from 1; facts about an earlier one change nothing but that it was paid. `public_version` counts its news.
    """

    id: SaleId
    organisation: str
    name: str
    email: str
    email_key: EmailKey
    device_quantity: int
    plan: ProductId | None
    total: int
    currency: str
    created_at: datetime
    billing_email: str | None = None
    session_attempt: int = 1
    checkout_session_id: SessionId | None = None
    session_progress: SessionProgress = SessionProgress.OPEN
    session_ended_at: datetime | None = None
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None
    totals: TotalDetails | None = None
    paid_at: datetime | None = None
    refunded: bool = False
    cancelled: bool = False
    cancellation: Cancellation | None = None
    corrected_address: CorrectedAddress | None = None
    another_organisation: bool = False
    organisation_id: OrganisationId | None = None
    public_version: int = 0
    status: SaleStatus = SaleStatus.IN_PROGRESS

    @property
    def paid(self) -> bool:
        """Whether money was settled, also if it was refunded later."""
        return self.paid_at is not None

    def settled(self, at: datetime) -> "Sale":
        """Add that the sale's own payment is settled; the earliest report holds."""
        return self._with(paid_at=min(at, self.paid_at) if self.paid_at else at)

    @property
    def awaits_organisation(self) -> bool:
        """Whether it is of devices alone, is paid, and belongs to no organisation yet."""
        return self.plan is None and self.paid and self.organisation_id is None

    def session_reached(
        self, session: SessionId, progress: SessionProgress, *, ended_at: datetime | None = None
    ) -> "Sale":
        """Add the progress of a Checkout session; a replaced session changes nothing."""
        if self.checkout_session_id not in (None, session):
            return self
        ends = [each for each in (self.session_ended_at, ended_at) if each is not None]
        return self._with(
            checkout_session_id=session,
            session_progress=max(progress, self.session_progress),
            session_ended_at=min(ends, default=None),
        )

    @property
    def session_is_dead(self) -> bool:
        """Whether its Checkout session can take no payment any more, and the sale still waits for one."""
        over = self.session_progress in (SessionProgress.EXPIRED, SessionProgress.FAILED)
        return over and not self.paid and not self.cancelled

    def session_opened(self, session: SessionId, *, attempt: int) -> "Sale":
        """Add an opened Checkout session.

        One of a later attempt replaces the last, unless money is settled or pending there; one of the same
        attempt is stored only if the sale has none yet.
        """
        under_way = self.paid or self.session_progress is SessionProgress.COMPLETED
        if attempt > self.session_attempt and not under_way:
            return self._with(
                session_attempt=attempt,
                checkout_session_id=session,
                session_progress=SessionProgress.OPEN,
                session_ended_at=None,
            )
        return self._with(checkout_session_id=self.checkout_session_id or session)

    def refunded_in_full(self, *, back: bool = True) -> "Sale":
        """Add that all money is refunded, or with `back=False` that it is not, because a refund failed."""
        return self._with(refunded=back)

    def cancelled_by(self, cancellation: Cancellation) -> "Sale":
        """Add that a person cancelled it; the first decision holds."""
        return self._with(cancelled=True, cancellation=self.cancellation or cancellation)

    def linked(
        self,
        *,
        customer: CustomerId | None = None,
        subscription: SubscriptionId | None = None,
        invoice: InvoiceId | None = None,
        payment_intent: PaymentIntentId | None = None,
        totals: TotalDetails | None = None,
        billing_email: str | None = None,
        overwrite: bool = False,
    ) -> "Sale":
        """Add the provider's ids of the objects of this sale, and the session's `totals`.

        Existing ones stay; with `overwrite` those of the session that counts replace those of a replaced one.
        """
        return self._with(
            customer_id=prefer(self.customer_id, customer, overwrite=overwrite),
            subscription_id=prefer(self.subscription_id, subscription, overwrite=overwrite),
            invoice_id=prefer(self.invoice_id, invoice, overwrite=overwrite),
            payment_intent_id=prefer(self.payment_intent_id, payment_intent, overwrite=overwrite),
            totals=prefer(self.totals, totals, overwrite=overwrite),
            billing_email=self.billing_email or billing_email,
        )

    def _with(self, **facts: object) -> "Sale":
        status = strongest_fact(after := msgspec.structs.replace(self, **facts))
        return after if status is after.status else msgspec.structs.replace(after, status=status)


def strongest_fact(sale: Sale) -> SaleStatus:
    """Derive the status: the first line that holds wins, so late news never expires or fails a paid sale."""
    if sale.cancelled:
        return SaleStatus.CANCELLED
    if sale.refunded:
        return SaleStatus.REFUNDED
    if sale.paid_at is not None:
        return SaleStatus.PAID
    return _OF_SESSION[sale.session_progress]


_OF_SESSION = {
    SessionProgress.FAILED: SaleStatus.PAYMENT_FAILED,
    SessionProgress.COMPLETED: SaleStatus.AWAITING_PAYMENT,
    SessionProgress.EXPIRED: SaleStatus.EXPIRED,
    SessionProgress.OPEN: SaleStatus.IN_PROGRESS,
}
