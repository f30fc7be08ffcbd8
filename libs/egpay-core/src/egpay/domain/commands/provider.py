"""Commands to the payment provider: questions that only it can answer, and pages to expire."""

from typing import TypeAlias

from egpay.domain.commands.command import CommandBase
from egpay.domain.events import (
    DisputeClosed,
    DisputeOpened,
    DisputeReported,
    FraudWarningReported,
    PaymentRefunded,
    RefundFailed,
    RefundReported,
    ReviewReported,
)
from egpay.domain.values import InvoiceId, MessageId, OrganisationId, PaymentIntentId, SubscriptionId

AboutPayment: TypeAlias = (
    PaymentRefunded
    | RefundReported
    | DisputeReported
    | FraudWarningReported
    | ReviewReported
    | RefundFailed
    | DisputeOpened
    | DisputeClosed
)
"""Events that name a payment by its intent alone."""


class TracePayment(CommandBase, frozen=True, kw_only=True, tag="trace_payment"):
    """Ask the provider which sale or invoice a payment belongs to.

    Stripe copies no metadata onto the payments of a subscription, so a refund or a dispute of one does not
    say it; `waiting` is the event to enter again.
    """

    waiting: AboutPayment

    @property
    def is_newer(self) -> bool:
        """Whether it, or the event that it carries, is from a later release."""
        return super().is_newer or self.waiting.is_newer


class RefreshSubscription(CommandBase, frozen=True, kw_only=True, tag="refresh_subscription"):
    """Ask the provider for a subscription's state, because two reports of one second differ or one is from the future."""

    subscription_id: SubscriptionId


class FindOverdueRenewal(CommandBase, frozen=True, kw_only=True, tag="find_overdue_renewal"):
    """Ask the provider since when the oldest unpaid renewal of a subscription is owed."""

    subscription_id: SubscriptionId


class RefreshDispute(CommandBase, frozen=True, kw_only=True, tag="refresh_dispute"):
    """Ask the provider for a dispute's state, because two reports of one second differ; `waiting` is the later."""

    waiting: DisputeReported

    @property
    def is_newer(self) -> bool:
        """Whether it, or the event that it carries, is from a later release."""
        return super().is_newer or self.waiting.is_newer


class EndSubscription(CommandBase, frozen=True, kw_only=True, tag="end_subscription"):
    """Ask the provider to end a subscription, at once or with the period that was paid.

    `act` is the operator's act that asked for it; without one its money is gone.
    """

    subscription_id: SubscriptionId
    at_period_end: bool
    act: MessageId | None = None


class RefundPayment(CommandBase, frozen=True, kw_only=True, tag="refund_payment"):
    """Ask the provider to give back an amount of a payment, because of an operator's act.

    Its id follows from the act's key, so that a second execution is the same refund.
    """

    act: MessageId
    payment_id: str
    amount: int
    currency: str
    payment_intent_id: PaymentIntentId | None = None
    invoice_id: InvoiceId | None = None


class IdentifyOwner(CommandBase, frozen=True, kw_only=True, tag="identify_owner"):
    """Ask the provider for the owner of a subscription that no sale of ours began."""

    subscription_id: SubscriptionId


class ExpireOrderPage(CommandBase, frozen=True, kw_only=True, tag="expire_order_page"):
    """Ask the provider to expire the page of a sale that was cancelled, unless its buyer has completed it."""


class ExpireCheckoutPages(CommandBase, frozen=True, kw_only=True, tag="expire_checkout_pages"):
    """Ask the provider to expire the pages that would sell an organisation a second subscription.

    They are those of other orders of the same e-mail and organisation, once this subscription is settled.
    """

    subscription_id: SubscriptionId
    organisation_id: OrganisationId
