"""Webhook translation: one table maps Stripe's event types to our events, here and nowhere else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from egpay.adapters.stripe.inbound import (
    charge,
    credit_note,
    customer,
    dispute,
    invoice,
    invoice_attempts,
    invoice_payment,
    refund,
    risk,
    session,
    subscription,
)
from egpay.adapters.stripe.inbound.envelope import (
    MAX_AHEAD,
    Envelope,
    EventHeader,
    UnreadableEvent,
    moment,
    parse_envelope,
)
from egpay.adapters.stripe.inbound.fast_decode import fast_decode
from egpay.adapters.stripe.inbound.recorded import recorded
from egpay.adapters.stripe.inbound.translated import NotOurs, NotUnderstood, Translated
from egpay.domain.events import Source, SubscriptionChanged
from egpay.domain.foreign import CONNECTED_ACCOUNT, OTHER_INSTALLATION
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt

TRANSLATIONS: Mapping[str, Callable[[EventHeader, Any], Translated]] = {
    # The buyer finished Checkout. With a card the money is there; with a debit it may take days.
    "checkout.session.completed": session.completed,
    # The debit came through: only now is the sale paid.
    "checkout.session.async_payment_succeeded": session.paid_later,
    # The debit came back: nothing may be shipped.
    "checkout.session.async_payment_failed": session.failed_later,
    # The page closed unpaid: the sale is over, unless another page was opened for it.
    "checkout.session.expired": session.expired,
    # Checkout creates a subscription after it was paid, so this is the one that provisions an account.
    "customer.subscription.created": subscription.changed,
    # More seats, a payment overdue, a cancellation ahead: access follows.
    "customer.subscription.updated": subscription.changed,
    "customer.subscription.paused": subscription.changed,
    "customer.subscription.resumed": subscription.changed,
    # Over for good: access ends.
    "customer.subscription.deleted": subscription.ended,
    # Its owner may be known from now on.
    "customer.updated": customer.changed,
    # Its subscriptions are over, also where their own ends get lost.
    "customer.deleted": customer.deleted,
    # Money for an order or a renewal. `invoice.paid` also comes for what was paid out of band (a bank transfer);
    # both come for a card, and are one fact.
    "invoice.paid": invoice.paid,
    "invoice.payment_succeeded": invoice.paid,
    # Which payment paid an invoice: since basil the invoice itself does not say so.
    "invoice_payment.paid": invoice_payment.linked,
    # It will not be paid as it is: in the books with its status.
    "invoice.voided": invoice.voided,
    "invoice.marked_uncollectible": invoice.uncollectible,
    # Paper: linked refunds are reported by themselves, the rest of it may be money.
    "credit_note.created": credit_note.reported,
    "credit_note.updated": credit_note.reported,
    "credit_note.voided": credit_note.reported,
    # A renewal could not be collected: the buyer is to be notified.
    "invoice.payment_failed": invoice_attempts.payment_failed,
    # The bank wants a renewal confirmed: only the payer can do that, on Stripe's page.
    "invoice.payment_action_required": invoice_attempts.action_required,
    # Money went back: what has not been shipped stays.
    "charge.refunded": charge.refunded,
    # Each refund by its id: made, there, failed or cancelled. Endpoints of older versions have only the last name.
    "refund.created": refund.reported,
    "refund.updated": refund.reported,
    "refund.failed": refund.reported,
    "charge.refund.updated": refund.reported,
    # The buyer's bank asks money back: devices wait for its verdict, which its status has, not the event's name.
    "charge.dispute.created": dispute.reported,
    "charge.dispute.updated": dispute.reported,
    "charge.dispute.closed": dispute.reported,
    # The issuer warns of fraud, or a person is to look at the payment: devices wait for a person.
    "radar.early_fraud_warning.created": risk.warned,
    "radar.early_fraud_warning.updated": risk.warned,
    "review.opened": risk.reviewed,
    "review.closed": risk.reviewed,
    # Stored and counted, so that what will follow from them can be replayed. `invoice.created` is not here: Stripe
    # finalizes an invoice up to three days late while an endpoint does not acknowledge it.
    "customer.subscription.trial_will_end": recorded,
}
"""Event types that a webhook endpoint subscribes to, with the translation of each."""

RECORDED = frozenset(kind for kind, translation in TRANSLATIONS.items() if translation is recorded)
"""Those of the table from which nothing follows yet."""

_NOTHING_FOLLOWS = "nothing follows from events of this type"
_NUL = b"\\u0000"


def translate(body: bytes, *, live: bool, at: datetime, installation: str | None = None) -> Receipt:
    """Translate a verified event of Stripe's into a receipt; raises BadBody when it is not an event.

    `live` is the mode of our key, live or test; `at` (now) dates what does not date itself, or is ahead of us.
    `installation` is ours, None until it is known: then the worker judges what bears another's mark."""
    envelope = fast_decode(body) or parse_envelope(body)
    if isinstance(envelope, UnreadableEvent):
        return _unread(envelope, body, at)
    try:
        understood = _understood(envelope, body, live=live, at=at)
        _require_ours(understood, installation)
    except NotOurs as reason:
        return _receipt(envelope, body, Disposition.IGNORED, reason=str(reason))
    except (NotUnderstood, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return _receipt(envelope, body, Disposition.PARKED, reason=_explain(fault))
    return _receipt(envelope, body, Disposition.ACCEPTED, understood=understood)


def _understood(envelope: Envelope[Any], body: bytes, *, live: bool, at: datetime) -> Translated:
    if envelope.livemode is not live:
        raise NotOurs("it belongs to the other of live and test mode")
    if envelope.account is not None:
        raise NotOurs(CONNECTED_ACCOUNT)
    translation = TRANSLATIONS.get(envelope.type)
    if translation is None:
        raise NotOurs(_NOTHING_FOLLOWS)
    created = moment(envelope.created)
    ahead = created > at + MAX_AHEAD
    dated = at.replace(microsecond=0) if ahead else created
    header = EventHeader(id=MessageId(envelope.id), occurred_at=dated, source=Source.STRIPE)
    understood = translation(header, envelope.data.object)
    if ahead and isinstance(understood.event, SubscriptionChanged):
        understood = Translated(msgspec.structs.replace(understood.event, ahead=True))
    if b"\\" in body and _NUL in body:  # looking for one character first is ten times as fast
        raise NotUnderstood("it holds a NUL character, which no column takes")
    return understood


def _require_ours(understood: Translated, installation: str | None) -> None:
    if installation is not None and understood.event.installation not in (None, installation):
        raise NotOurs(OTHER_INSTALLATION)


def _receipt(
    envelope: Envelope[Any],
    body: bytes,
    disposition: Disposition,
    *,
    reason: str | None = None,
    understood: Translated | None = None,
) -> Receipt:
    return Receipt(
        source=Source.STRIPE,
        event_id=MessageId(envelope.id),
        type=envelope.type,
        body=body,
        occurred_at=understood.event.occurred_at if understood else moment(envelope.created),
        disposition=disposition,
        event=understood.event if understood else None,
        sale_id=understood.event.sale_id if understood else None,
        livemode=envelope.livemode,
        api_version=envelope.api_version,
        reason=reason,
        buyer_email=understood.buyer_email if understood else None,
    )


def _unread(event: UnreadableEvent, body: bytes, at: datetime) -> Receipt:
    """Ignore an unreadable event of a type we do not translate (thin events); dead-letter any other."""
    matters = event.type in TRANSLATIONS.keys() - RECORDED or event.type == "unreadable"
    return Receipt(
        source=Source.STRIPE,
        event_id=MessageId(event.id),
        type=event.type,
        body=body,
        occurred_at=at,
        disposition=Disposition.PARKED if matters else Disposition.IGNORED,
        reason=event.reason if matters else _NOTHING_FOLLOWS,
    )


def _explain(fault: Exception) -> str:
    if isinstance(fault, NotUnderstood | msgspec.ValidationError):
        return str(fault)
    return "the object in the event is not readable JSON"
