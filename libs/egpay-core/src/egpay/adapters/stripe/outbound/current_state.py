"""Current state: translates Stripe's objects, as looked up, into receipts like those of webhooks."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from egpay.adapters.stripe.inbound import invoice
from egpay.adapters.stripe.inbound.envelope import EventHeader, Timestamp, moment
from egpay.adapters.stripe.inbound.session import SessionView, completed, expired
from egpay.adapters.stripe.inbound.subscription import SubscriptionView, changed
from egpay.adapters.stripe.inbound.translated import NotOurs, NotUnderstood, Translated
from egpay.adapters.stripe.outbound.client import read
from egpay.adapters.stripe.outbound.recorded_lists import ListedObject, RecordedList, recorded_receipt
from egpay.domain.events import Source
from egpay.domain.values import InvoiceId, MessageId
from egpay.ports.inbox import Disposition, Receipt

_log = logging.getLogger(__name__)


class SessionNow(SessionView, frozen=True, kw_only=True):
    """A session as looked up: only then `status` matters (open, complete, expired)."""

    status: str | None = None


class Transitions(msgspec.Struct, frozen=True):
    """Times of an invoice's status changes."""

    paid_at: Timestamp | None = None


class PaidInvoice(msgspec.Struct, frozen=True):
    """Fields of an invoice that date its payment."""

    id: InvoiceId
    created: Timestamp
    status_transitions: Transitions = Transitions()


@dataclass(frozen=True, slots=True)
class CurrentState:
    """Translates responses received at `at`, in whole seconds as Stripe dates its events.

    What happens later in that second is a tie, and looked up. An object of another product gives no
    receipt."""

    at: datetime
    live: bool

    def session(self, raw: bytes) -> Sequence[Receipt]:
        """The receipt of a session that ended; none while it is open."""
        now = read(raw, SessionNow)
        reading = {"complete": completed, "expired": expired}.get(now.status or "")
        name = f"{now.id}:{now.status}:{now.payment_status}"
        return self._told(reading, raw, name, self.at, f"checkout.session.{now.status}") if reading else ()

    def subscription(self, raw: bytes) -> Sequence[Receipt]:
        """The receipt of a subscription's state."""
        name = f"{read(raw, SubscriptionView).id}:{int(self.at.timestamp())}"
        return self._told(changed, raw, name, self.at, "subscription")

    def paid_invoice(self, raw: bytes) -> Sequence[Receipt]:
        """The receipt of a paid invoice, dated when it was paid."""
        now = read(raw, PaidInvoice)
        at = moment(now.status_transitions.paid_at or now.created)
        return self._told(invoice.paid, raw, f"{now.id}:paid", at, "invoice.paid")

    def listed(self, raw: bytes, wanted: RecordedList) -> Sequence[Receipt]:
        """The receipt of a listed object, under one id for each of its states; only recorded if not translated."""
        if wanted.translation is None:
            return [recorded_receipt(raw, wanted.type, live=self.live)]
        now = read(raw, ListedObject)
        return self._told(wanted.translation, raw, f"{now.id}:{now.state()}", self.at, wanted.type)

    def _told(
        self,
        reading: Callable[[EventHeader, msgspec.Raw], Translated],
        raw: bytes,
        name: str,
        at: datetime,
        kind: str,
    ) -> Sequence[Receipt]:
        about = EventHeader(id=MessageId(f"reconcile:{name}"), occurred_at=at, source=Source.RECONCILE)
        try:
            understood = reading(about, msgspec.Raw(raw))
        except NotOurs:
            return ()
        except (NotUnderstood, msgspec.MsgspecError) as fault:
            # no webhook brought it, so there is nothing to dead-letter
            _log.error(
                "an object at Stripe is not understood",
                extra={"action": "object_not_understood", "cause": name, "reason": str(fault)},
            )
            return ()
        event = understood.event
        return [
            Receipt(
                source=event.source,
                event_id=event.id,
                type=kind,
                body=msgspec.json.encode(event),
                occurred_at=at,
                disposition=Disposition.ACCEPTED,
                event=event,
                sale_id=event.sale_id,
                livemode=self.live,
                buyer_email=understood.buyer_email,
            )
        ]
