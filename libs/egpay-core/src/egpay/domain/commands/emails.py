"""Commands that send an e-mail, one each."""

from egpay.domain.commands.command import CommandBase
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import InvoiceId, OrganisationId, SubscriptionId


class SendIntroduction(CommandBase, frozen=True, kw_only=True, tag="send_introduction"):
    """Invite the admin of a new organisation by e-mail."""

    organisation_id: OrganisationId


class SendPortalLink(CommandBase, frozen=True, kw_only=True, tag="send_portal_link"):
    """Mail a link to the billing portal, if the e-mail that asked for it owns a live subscription."""

    link_id: PortalLinkId


class SendPaymentFailed(CommandBase, frozen=True, kw_only=True, tag="send_payment_failed"):
    """Tell the buyer that a delayed payment failed, and that the order can be placed again."""


class SendPaymentReminder(CommandBase, frozen=True, kw_only=True, tag="send_payment_reminder"):
    """Tell the payer that a renewal could not be collected; `attempt` counts the tries from 1."""

    subscription_id: SubscriptionId
    invoice_id: InvoiceId
    attempt: int
