"""Commands to the payment provider: questions that only it can answer, and pages to expire."""

from egpay.domain.commands.command import CommandBase
from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded, RefundFailed
from egpay.domain.values import OrganisationId, SubscriptionId


class TracePayment(CommandBase, frozen=True, kw_only=True, tag="trace_payment"):
    """Ask the provider which sale or invoice a payment belongs to.

    Stripe copies no metadata onto the payments of a subscription, so a refund or a dispute of one does not
    say it; `waiting` is the event to enter again.
    """

    waiting: PaymentRefunded | RefundFailed | DisputeOpened | DisputeClosed

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


class IdentifyOwner(CommandBase, frozen=True, kw_only=True, tag="identify_owner"):
    """Ask the provider for the owner of a subscription that no sale of ours began."""

    subscription_id: SubscriptionId


class ExpireCheckoutPages(CommandBase, frozen=True, kw_only=True, tag="expire_checkout_pages"):
    """Ask the provider to expire the pages that would sell an organisation a second subscription.

    They are those of other orders of the same e-mail and organisation, once this subscription is settled.
    """

    subscription_id: SubscriptionId
    organisation_id: OrganisationId
