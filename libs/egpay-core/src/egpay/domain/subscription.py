"""Subscription: mirrors the provider's one; the newest report wins, and an ended one is final.

The provider owns its state, so no transition is forbidden here. It also stores whether its owner was
welcomed.
"""

from datetime import datetime
from typing import Any

import msgspec

from egpay.domain.subscription_item import PlanReport
from egpay.domain.subscription_report import ENDED, SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, InvoiceId, OrganisationId, ProductId, SaleId, SubscriptionId

__all__ = ["ENDED", "GOING_ON", "LIVE", "Subscription", "SubscriptionReport", "SubscriptionStatus"]

LIVE = frozenset(SubscriptionStatus) - ENDED - {SubscriptionStatus.INCOMPLETE}
"""It has run and is not over. Past due, unpaid and paused only ever follow an active or trialing one
(docs.stripe.com/billing/subscriptions/overview#subscription-statuses)."""


GOING_ON = LIVE - {SubscriptionStatus.PAUSED}
"""With the money settled and no end set it goes on: an account holds one such subscription at a time."""
_STARTED = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Subscription: its newest report, what it belongs to, and whether its owner was welcomed.

    `reported_at` has whole seconds, as Stripe's clock does; `contested` says that two reports of one second
    differ, so that only the provider can say which of them holds. `started` is whether any report, however late,
    said active or trialing; `settled` whether its first payment is settled or needs none; `adopted` whether it is
    older than our right to it, so that no letter is sent; `owner_unknown` whether the provider had no e-mail of its
    owner when it was asked. `plan`, `price_id` and `quantity` (the seats) are those of the newest report with an item of
    our catalogue, `plan_reported_at`; without any, of the newest one (`plan_known` is false). `started_at` is when the
    provider created it. `renewals` has the invoices of renewals that could not be collected: since when each is owed,
    None once it is owed no more. `public_version` counts what the product was told of it.
    """

    id: SubscriptionId
    status: SubscriptionStatus
    reported_at: datetime
    quantity: int = 1
    customer_id: CustomerId | None = None
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None
    sale_id: SaleId | None = None
    organisation_id: OrganisationId | None = None
    contested: bool = False
    welcomed: bool = False
    started: bool = False
    settled: bool = False
    adopted: bool = False
    owner_unknown: bool = False
    plan: ProductId | None = None
    price_id: str | None = None
    plan_known: bool = False
    plan_reported_at: datetime | None = None
    collection_paused: bool = False
    started_at: datetime | None = None
    renewals: dict[InvoiceId, datetime | None] = {}
    public_version: int = 0

    @property
    def overdue_since(self) -> datetime | None:
        """Since when its oldest unpaid renewal is owed, by the provider's dates."""
        return min((since for since in self.renewals.values() if since), default=None)

    @property
    def may_owe(self) -> bool:
        """Whether a renewal may be unpaid by its status, with access for a while."""
        return self.status in (SubscriptionStatus.PAST_DUE, SubscriptionStatus.PAUSED)

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def goes_on(self) -> bool:
        """Whether it goes on by its status and no end is set; its money is the sale's to say (`Sale.paid`)."""
        return self.status in GOING_ON and self.cancel_at is None

    @property
    def charges_again(self) -> bool:
        """Whether it lives and no end is set, so that it will charge again, or can be resumed to."""
        return self.status in LIVE and self.cancel_at is None

    @property
    def awaits_provisioning(self) -> bool:
        """Whether its account is due and not provisioned yet: it ran, its first payment is settled, it lives.

        Stripe may report `active` while a debit pends, and `paused` or `unpaid` before the start that they follow.
        """
        return self.started and self.settled and self.status in LIVE and not self.welcomed

    @property
    def lacks_owner(self) -> bool:
        """Whether its account is due, and only a person can say whose it is."""
        return self.awaits_provisioning and self.owner_unknown

    def heard(self, status: SubscriptionStatus, *, trial_is_free: bool = True) -> "Subscription":
        """Add that a report named this status; a trial needs no payment, unless its order does or is over."""
        free = status is SubscriptionStatus.TRIALING and trial_is_free
        return msgspec.structs.replace(
            self, started=self.started or status in _STARTED, settled=self.settled or free
        )

    def paid_first(self, *, settled: bool = True) -> "Subscription":
        """Add that its first payment is settled, or needs none."""
        return msgspec.structs.replace(self, settled=self.settled or settled)

    def observe(self, report: SubscriptionReport, *, at: datetime) -> "Subscription":
        """Apply a report: the newest wins, and ended is final.

        A tie of one second is decided the same way in either order (the further status holds) until the
        provider is asked.
        """
        if self.ended or (at < self.reported_at and report.status not in ENDED):
            return msgspec.structs.replace(self, customer_id=self.customer_id or report.customer_id)
        told = _facts(report)
        if at == self.reported_at and told != (known := _facts(self)):
            winner = max(known, told, key=_standing)
            ended = winner["status"] in ENDED
            return msgspec.structs.replace(self, **winner, contested=not ended)
        told["customer_id"] = report.customer_id or self.customer_id
        return msgspec.structs.replace(
            self,
            **told,
            reported_at=max(at, self.reported_at),
            contested=self.contested and at == self.reported_at,
        )

    def observe_plan(self, told: PlanReport, *, at: datetime) -> "Subscription":
        """Apply what a report says of plan and seats, also after the end: an end may come without items.

        An item of our catalogue outweighs every other, then the newest report holds.
        """
        known = PlanReport(
            quantity=self.quantity, plan=self.plan, price_id=self.price_id, own=self.plan_known
        )
        tie = at == self.plan_reported_at and told.own == known.own
        newer = self.plan_reported_at is None or (told.own, at) > (known.own, self.plan_reported_at)
        if not newer and not (tie and told.rank > known.rank):
            contested = tie and told.rank != known.rank and at == self.reported_at and not self.ended
            return msgspec.structs.replace(self, contested=self.contested or contested)
        return msgspec.structs.replace(
            self,
            quantity=told.quantity,
            plan=told.plan if told.own else self.plan,
            price_id=told.price_id,
            plan_known=told.own,
            plan_reported_at=at,
            contested=self.contested or (tie and at == self.reported_at and not self.ended),
        )

    def owing(self, invoice: InvoiceId, since: datetime) -> "Subscription":
        """Add that the invoice of a renewal is unpaid since then; the earliest date told holds."""
        known = self.renewals.get(invoice, since)
        earliest = None if known is None else min(known, since)
        return msgspec.structs.replace(self, renewals={**self.renewals, invoice: earliest})

    def owing_no_more(self, invoice: InvoiceId) -> "Subscription":
        """Add that the invoice of a renewal is paid, void or given up, for good."""
        return msgspec.structs.replace(self, renewals={**self.renewals, invoice: None})

    def cancelled_with_customer(self, at: datetime) -> "Subscription":
        """End it, because its customer was deleted; it stays as it was last reported but for that."""
        if self.ended:
            return self
        return msgspec.structs.replace(
            self, status=SubscriptionStatus.CANCELED, reported_at=max(at, self.reported_at), contested=False
        )


_LIFE = (
    SubscriptionStatus.INCOMPLETE,
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAUSED,
    SubscriptionStatus.PAST_DUE,
    SubscriptionStatus.UNPAID,
    SubscriptionStatus.INCOMPLETE_EXPIRED,
    SubscriptionStatus.CANCELED,
)


_MIRRORED = ("status", "customer_id", "current_period_end", "cancel_at", "collection_paused")
"""What a report says of the whole subscription; plan and seats are an item's."""


def _facts(of: SubscriptionReport | Subscription) -> dict[str, Any]:
    return {name: getattr(of, name) for name in _MIRRORED}


def _standing(facts: dict[str, Any]) -> tuple[int, list[str]]:
    """Sort key of reports of one second: progress in the life cycle, then anything deterministic."""
    return _LIFE.index(facts["status"]), [str(value) for value in facts.values()]
