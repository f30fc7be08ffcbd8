"""Commands: what we want from the world, decided in a transaction and carried out after it.

The `id` of a command is its business key: two events that state one fact lead to one command, and a second
execution is recognised by it. On NATS a command is JSON under `billing.commands.<type>`.
"""

from datetime import datetime
from typing import ClassVar, Self, TypeAlias

import msgspec

from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded, RefundFailed, Source
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import (
    InvoiceId,
    MessageId,
    OrganisationId,
    SaleId,
    SubscriptionId,
)


class CommandBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all commands: `occurred_at` and `source` are those of the event that led to it.

    `v` and `VERSION` are as in events.
    """

    VERSION: ClassVar[int] = 1

    id: MessageId
    occurred_at: datetime
    source: Source
    sale_id: SaleId | None = None
    v: int = 1

    @property
    def is_newer(self) -> bool:
        """Whether a later release wrote it, so that our rules could misread it."""
        return self.v > self.VERSION

    def stamped(self) -> Self:
        """The message for the wire, with the version of its shape."""
        return self if self.v == self.VERSION else msgspec.structs.replace(self, v=self.VERSION)


class SendIntroduction(CommandBase, frozen=True, kw_only=True, tag="send_introduction"):
    """Invite the admin of a new organisation by e-mail."""

    organisation_id: OrganisationId


class ShipmentCommand(CommandBase, frozen=True, kw_only=True):
    """Instruction to the warehouse about one shipment.

    `revision` counts from 1, as a fencing token: of two instructions that cross on the wire, the higher is
    newer. One without a number is from before revisions were counted.
    """

    revision: int = 0


class ShipDevices(ShipmentCommand, frozen=True, kw_only=True, tag="ship_devices"):
    """Ask the warehouse to ship the devices of a sale."""


class HoldShipment(ShipmentCommand, frozen=True, kw_only=True, tag="hold_shipment"):
    """Ask the warehouse to hold the devices until they are released or cancelled."""


class ReleaseShipment(ShipmentCommand, frozen=True, kw_only=True, tag="release_shipment"):
    """Ask the warehouse to release held devices."""


class CancelShipment(ShipmentCommand, frozen=True, kw_only=True, tag="cancel_shipment"):
    """Ask the warehouse to cancel the shipment, so that the devices stay."""


WarehouseInstruction: TypeAlias = ShipDevices | HoldShipment | ReleaseShipment | CancelShipment
"""The closed set of shipment commands."""


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
    """Ask the provider for a subscription's state, because two reports of one second differ."""

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


Command: TypeAlias = (
    SendIntroduction
    | ShipDevices
    | HoldShipment
    | ReleaseShipment
    | CancelShipment
    | TracePayment
    | RefreshSubscription
    | IdentifyOwner
    | ExpireCheckoutPages
    | SendPortalLink
    | SendPaymentFailed
    | SendPaymentReminder
)
"""The closed set: one effect each, in billing_worker/effects."""
