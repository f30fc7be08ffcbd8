"""What we want from the world: decided in a transaction, done after it, each under a key of its own.

The `id` of a command is its business key: two events that state one fact ask for one thing, and whoever carries it
out twice is recognised. On NATS a command is JSON under `billing.commands.<type>`.
"""

from datetime import datetime
from typing import ClassVar, Self, TypeAlias

import msgspec

from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded, RefundFailed, Source
from egpay.domain.values import (
    InvoiceId,
    MessageId,
    OrganisationId,
    SaleId,
    SubscriptionId,
)


class CommandBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What all commands share: `occurred_at` and `source` are those of the event that led to it; `v` and `VERSION` are
    as in events."""

    VERSION: ClassVar[int] = 1

    id: MessageId
    occurred_at: datetime
    source: Source
    sale_id: SaleId | None = None
    v: int = 1

    @property
    def is_newer(self) -> bool:
        """A later release wrote it, so that reading it by our rules could get it wrong."""
        return self.v > self.VERSION

    def stamped(self) -> Self:
        """As it goes on the wire: with the version of its shape."""
        return self if self.v == self.VERSION else msgspec.structs.replace(self, v=self.VERSION)


class SendIntroduction(CommandBase, frozen=True, kw_only=True, tag="send_introduction"):
    """Invite the admin of a new organisation by e-mail."""

    organisation_id: OrganisationId


class ShipmentCommand(CommandBase, frozen=True, kw_only=True):
    """What the warehouse is told about one shipment. `revision` counts from 1, so that it knows which of two that
    cross on the wire is the newer one; one without a number is of a time when nobody counted."""

    revision: int = 0


class ShipDevices(ShipmentCommand, frozen=True, kw_only=True, tag="ship_devices"):
    """Tell the warehouse to ship the devices of a sale."""


class HoldShipment(ShipmentCommand, frozen=True, kw_only=True, tag="hold_shipment"):
    """Tell the warehouse to keep the devices until further notice."""


class ReleaseShipment(ShipmentCommand, frozen=True, kw_only=True, tag="release_shipment"):
    """Tell the warehouse that held devices may go."""


class CancelShipment(ShipmentCommand, frozen=True, kw_only=True, tag="cancel_shipment"):
    """Tell the warehouse that the devices stay."""


class TracePayment(CommandBase, frozen=True, kw_only=True, tag="trace_payment"):
    """Ask the provider which sale or invoice a payment belongs to. Stripe copies no metadata onto the payments of
    a subscription, so a refund or a dispute of one does not say it; `waiting` is the event to enter again."""

    waiting: PaymentRefunded | RefundFailed | DisputeOpened | DisputeClosed

    @property
    def is_newer(self) -> bool:
        """It, or the event that it carries."""
        return super().is_newer or self.waiting.is_newer


class RefreshSubscription(CommandBase, frozen=True, kw_only=True, tag="refresh_subscription"):
    """Ask the provider how a subscription stands: two reports of one second contradict each other."""

    subscription_id: SubscriptionId


class IdentifyOwner(CommandBase, frozen=True, kw_only=True, tag="identify_owner"):
    """Ask the provider whose a subscription is that no sale of ours began."""

    subscription_id: SubscriptionId


class SendPaymentFailed(CommandBase, frozen=True, kw_only=True, tag="send_payment_failed"):
    """Tell the buyer that a delayed payment came back, and that the order can be placed again."""


class SendPaymentReminder(CommandBase, frozen=True, kw_only=True, tag="send_payment_reminder"):
    """Tell whoever pays that a renewal could not be collected; `attempt` counts the tries from 1."""

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
    | SendPaymentFailed
    | SendPaymentReminder
)
"""The closed set: one effect each, in billing_worker/effects."""
