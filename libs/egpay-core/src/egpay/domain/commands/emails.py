"""Commands that send an e-mail, one each."""

from collections.abc import Iterable
from datetime import datetime

from egpay.domain.commands.command import CommandBase
from egpay.domain.events import Source
from egpay.domain.letters import LetterKind
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import InvoiceId, OrganisationId, SubscriptionId
from egpay.domain.withdrawal import WithdrawalId


class SendLetter(CommandBase, frozen=True, kw_only=True, tag="send_letter"):
    """Send the letter of a kind, if what it says is true when it is sent; the ids say what it is about."""

    kind: LetterKind
    organisation_id: OrganisationId | None = None
    subscription_id: SubscriptionId | None = None
    invoice_id: InvoiceId | None = None
    payment_id: str | None = None
    amount: int | None = None
    ends_at: datetime | None = None
    parcel: str | None = None


class SendIntroduction(CommandBase, frozen=True, kw_only=True, tag="send_introduction"):
    """Invite the admin of a new organisation by e-mail."""

    organisation_id: OrganisationId


class RenewInvitation(CommandBase, frozen=True, kw_only=True, tag="renew_invitation"):
    """Mail the introduction with a new link, if this hash is of a known token whose user has not entered yet."""

    token_hash: str


class SendPortalLink(CommandBase, frozen=True, kw_only=True, tag="send_portal_link"):
    """Mail a link to the billing portal, if the e-mail that asked for it owns a live subscription."""

    link_id: PortalLinkId


class SendPaymentFailed(CommandBase, frozen=True, kw_only=True, tag="send_payment_failed"):
    """Tell the buyer that a delayed payment failed, and that the order can be placed again."""


class SendPaymentReminder(CommandBase, frozen=True, kw_only=True, tag="send_payment_reminder"):
    """Tell the payer that a renewal was not collected: a retry or a last notice; `attempt` counts the tries from 1."""

    subscription_id: SubscriptionId
    invoice_id: InvoiceId
    attempt: int


class SendWithdrawalReceipt(CommandBase, frozen=True, kw_only=True, tag="send_withdrawal_receipt"):
    """Tell a consumer what he declared about an order, and when."""

    withdrawal_id: WithdrawalId


def again_invited(commands: Iterable[CommandBase]) -> list[SendIntroduction]:
    """The introductions that operators asked for: any earlier link of their admins ends with the decision."""
    return [
        each for each in commands if isinstance(each, SendIntroduction) and each.source is Source.OPERATOR
    ]
