"""Listed objects: which ones the snapshot lists besides subscriptions and paid invoices, and as what.

Each is entered under a type of the endpoint's table, as the event that would have reported it; without a
translation it is only recorded.
"""

from collections.abc import Callable, Mapping

import msgspec

from egpay.adapters.stripe.inbound import credit_note, dispute, refund, risk
from egpay.adapters.stripe.inbound.envelope import EventHeader, Timestamp, moment
from egpay.adapters.stripe.inbound.recorded import NOTHING_FOLLOWS_YET
from egpay.adapters.stripe.inbound.translated import Translated
from egpay.adapters.stripe.outbound.client import read
from egpay.domain.events import Source
from egpay.domain.values import MessageId
from egpay.ports.history import ProviderList
from egpay.ports.inbox import Disposition, Receipt


class RecordedList(msgspec.Struct, frozen=True, kw_only=True):
    """Path of a list with its filter, the type under which its objects are entered, and their translation."""

    path: str
    type: str
    query: dict[str, str] = {}
    translation: Callable[[EventHeader, msgspec.Raw], Translated] | None = None


RECORDED_LISTS: Mapping[ProviderList, RecordedList] = {
    ProviderList.DISPUTES: RecordedList(
        path="/v1/disputes", type="charge.dispute.updated", translation=dispute.reported
    ),
    ProviderList.REFUNDS: RecordedList(
        path="/v1/refunds", type="refund.updated", translation=refund.reported
    ),
    # docs.stripe.com/api/radar/reviews/list: only open ones are listed
    ProviderList.OPEN_REVIEWS: RecordedList(
        path="/v1/reviews", type="review.opened", translation=risk.reviewed
    ),
    ProviderList.WARNINGS: RecordedList(
        path="/v1/radar/early_fraud_warnings",
        type="radar.early_fraud_warning.updated",
        translation=risk.warned,
    ),
    ProviderList.CREDIT_NOTES: RecordedList(
        path="/v1/credit_notes", type="credit_note.updated", translation=credit_note.reported
    ),
    ProviderList.OPEN_INVOICES: RecordedList(
        path="/v1/invoices", type="invoice.open", query={"status": "open"}
    ),
}
RECORDED_TYPES = frozenset(each.type for each in RECORDED_LISTS.values())
"""Types under which the snapshot enters them."""


class ListedObject(msgspec.Struct, frozen=True):
    """Fields that tell one state of an object from another; a review has `open`, a warning `actionable`."""

    id: str
    created: Timestamp
    status: str | None = None
    actionable: bool | None = None

    def state(self) -> str:
        """A word for its state."""
        if self.actionable is not None:
            return "actionable" if self.actionable else "no_longer_actionable"
        return self.status or "open"


def recorded_receipt(raw: bytes, kind: str, *, live: bool) -> Receipt:
    """The receipt of a listed object: the same for the same state, so that it is stored once."""
    listed = read(raw, ListedObject)
    return Receipt(
        source=Source.RECONCILE,
        event_id=MessageId(f"reconcile:{listed.id}:{listed.state()}"),
        type=kind,
        body=raw,
        occurred_at=moment(listed.created),
        disposition=Disposition.IGNORED,
        livemode=live,
        reason=NOTHING_FOLLOWS_YET,
    )
