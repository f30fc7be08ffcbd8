"""Commands that send an e-mail, one each."""

from egpay.domain.commands.command import CommandBase
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import InvoiceId, OrganisationId, SubscriptionId


class SendIntroduction(CommandBase, frozen=True, kw_only=True, tag="send_introduction"):
    """Invite the admin of a new organisation by e-mail."""

    organisation_id: OrganisationId


class SendOrganisationAdded(CommandBase, frozen=True, kw_only=True, tag="send_organisation_added"):
    """Tell a known admin that a further organisation was opened."""

    organisation_id: OrganisationId


class SendAccountUsedAgain(CommandBase, frozen=True, kw_only=True, tag="send_account_used_again"):
    """Tell a known admin that the order of a subscription uses the organisation's account again."""

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
