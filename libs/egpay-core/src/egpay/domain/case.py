"""Case: a matter that only a person can settle, such as a double payment or a parcel to return.

    (none) --reason stands--> OPEN --reason ends--> CLOSED by the rule --reason stands--> OPEN
                               |  ^
                        person |  | a new object, or a larger amount
                               v  |
                            CLOSED by a person, which the same facts do not reopen

There is one case of a kind for an object, under the id `<kind>:<object>`.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import MessageId, SaleId


class CaseKind(StrEnum):
    """Case kind: why an operator has to act; docs/cases.md has a section for each."""

    SECOND_SUBSCRIPTION = "second_subscription"
    """One organisation pays for two subscriptions that go on."""
    PAID_TWICE = "paid_twice"
    """One sale was paid by two payments."""
    PAID_AFTER_END = "paid_after_end"
    """Money came for a sale that was cancelled, failed or expired."""
    REFUND_FAILED = "refund_failed"
    """A refund did not reach the buyer."""
    REFUNDED_BUT_RUNNING = "refunded_but_running"
    """The money of a subscription is gone, and it would charge again."""
    RETURN = "return"
    """The money went back after the devices had left."""
    NOT_SHIPPED = "not_shipped"
    """The warehouse cannot send what is paid."""
    PARCEL_BACK = "parcel_back"
    """A parcel came back to the warehouse."""
    PARCEL_LOST = "parcel_lost"
    """A parcel left and did not arrive."""
    PAID_NOT_SHIPPED = "paid_not_shipped"
    """The money is ours again, and the shipment was cancelled meanwhile."""
    PART_REFUNDED = "part_refunded"
    """A part of the money went back before the devices left, and nothing says for which."""
    DISPUTE = "dispute"
    """The buyer's bank asks the money back."""
    FRAUD_WARNING = "fraud_warning"
    """The card's issuer reports a payment as fraudulent."""
    REVIEW = "review"
    """Stripe Radar waits for a person to approve a payment."""
    AMOUNT = "amount"
    """What was paid for is not what was ordered."""
    CURRENCY = "currency"
    """What was paid cannot be compared with the order, because of its currency."""
    WITHDRAWAL = "withdrawal"
    """The buyer withdraws from the purchase."""
    UNKNOWN_OWNER = "unknown_owner"
    """A subscription of ours whose customer has no e-mail, or was deleted."""
    OVERPAID = "overpaid"
    """More came in for a Xero invoice than it asks."""
    PAYMENT_UNDONE = "payment_undone"
    """A payment was taken off a Xero invoice that was settled."""


class CaseParty(StrEnum):
    """Party that a case waits for: us, or the bank, which decides and needs nothing meanwhile."""

    US = "us"
    BANK = "bank"


class CaseCloser(StrEnum):
    """Closer of a case: the rule, when its reason ended, or a person with a reason."""

    RULE = "rule"
    PERSON = "person"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Case for an operator; its `id` is derived from what it is about, so that it is opened once.

    `subject` is what it is loaded by: the id of a sale, subscription, organisation, invoice or payment. `about` are the
    provider's objects and `weight` is the amount in minor units, or a count, of the facts that it stands for: a
    person's closing covers them, and neither a new object nor a larger weight. `what` and `todo` hold no personal data.
    """

    id: str
    kind: CaseKind
    subject: str
    what: str
    todo: str
    opened_at: datetime
    cause: MessageId | None = None
    sale_id: SaleId | None = None
    weight: int = 0
    about: tuple[str, ...] = ()
    due_by: datetime | None = None
    waits_for: CaseParty = CaseParty.US
    closed_at: datetime | None = None
    closed_by: CaseCloser | None = None
    closed_because: str | None = None
    snoozed_until: datetime | None = None
    snoozed_because: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not closed; a snoozed case is open."""
        return self.closed_at is None

    @property
    def is_settled(self) -> bool:
        """Whether a person closed it, so that only new facts reopen it."""
        return self.closed_by is CaseCloser.PERSON

    def exceeds(self, known: "Case") -> bool:
        """Whether it stands for more than a known one: another object, or a larger weight.

        A case of before these were stored is about nothing, which covers every object.
        """
        is_new = bool(known.about) and not set(self.about) <= set(known.about)
        return is_new or self.weight > known.weight

    def restated(self, case: "Case") -> "Case":
        """This open case with the facts as they are now; facts that exceed the known ones end a snooze."""
        grown = case.exceeds(self)
        return msgspec.structs.replace(
            self,
            what=case.what,
            todo=case.todo,
            weight=case.weight,
            about=case.about,
            due_by=case.due_by,
            waits_for=case.waits_for,
            opened_at=min(self.opened_at, case.opened_at),
            snoozed_until=None if grown else self.snoozed_until,
            snoozed_because=None if grown else self.snoozed_because,
        )

    def closed(self, at: datetime, by: CaseCloser, because: str) -> "Case":
        """This case closed."""
        return msgspec.structs.replace(
            self, closed_at=at, closed_by=by, closed_because=because, snoozed_until=None, snoozed_because=None
        )

    def snoozed(self, until: datetime, because: str) -> "Case":
        """This case, which raises no alarm until then."""
        return msgspec.structs.replace(self, snoozed_until=until, snoozed_because=because)


def case_id(kind: CaseKind, about: str) -> str:
    """The id of the one case of this kind for an object."""
    return f"{kind.value}:{about}"
