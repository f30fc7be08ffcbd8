"""Events of the operator's acts: ids and decisions; who, why and personal data stay in `operator_acts`."""

from datetime import datetime
from typing import ClassVar, TypeAlias

from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events.event import EventBase
from egpay.domain.refund_requests import RefundTerms
from egpay.domain.values import InvoiceId, OrganisationId, PaymentIntentId, SaleId, SubscriptionId


class ActBase(EventBase, frozen=True, kw_only=True):
    """Base of the acts: `id` is the act's key, under which its row says who did it and why.

    `SEEN` names fields of what its operator saw, not decided: two acts that differ in these alone are equal.
    """

    SEEN: ClassVar[frozenset[str]] = frozenset()

    @property
    def subject(self) -> str:
        """The id of what it is about."""
        return self.sale_id or self.id


class SaleCancelled(ActBase, frozen=True, kw_only=True, tag="sale_cancelled"):
    """An operator cancelled a sale; `money` is what becomes of what was paid, None where none was chosen."""

    money: CancelledMoney | None = None


class ShipmentRepeated(ActBase, frozen=True, kw_only=True, tag="shipment_repeated"):
    """An operator had devices sent again; `attempt` is the one that begins, as the operator saw the shipment."""

    SEEN: ClassVar[frozenset[str]] = frozenset({"attempt"})

    attempt: int


class ShipmentHeld(ActBase, frozen=True, kw_only=True, tag="shipment_held"):
    """An operator held devices that had not left."""


class ShipmentReleased(ActBase, frozen=True, kw_only=True, tag="shipment_released"):
    """An operator released held devices, knowing what speaks against it.

    `settled_refund` is how much had gone back, `misfit_accepted` whether the sum was not that of the order: more that
    goes back holds them again.
    """

    SEEN: ClassVar[frozenset[str]] = frozenset({"settled_refund", "misfit_accepted"})

    settled_refund: int = 0
    misfit_accepted: bool = False


class AddressCorrected(ActBase, frozen=True, kw_only=True, tag="address_corrected"):
    """An operator corrected where the devices of a sale go; the address stays in the act's row."""


class IntroductionRequested(ActBase, frozen=True, kw_only=True, tag="introduction_requested"):
    """An operator had the admin of an organisation invited again; `subscription_id` is one of its subscriptions."""

    SEEN: ClassVar[frozenset[str]] = frozenset({"subscription_id"})

    organisation_id: OrganisationId
    subscription_id: SubscriptionId

    @property
    def subject(self) -> str:
        """The organisation."""
        return self.organisation_id


class EmailCorrected(ActBase, frozen=True, kw_only=True, tag="email_corrected"):
    """An operator corrected the e-mail of an organisation's admin; the address stays in the act's row.

    `sales` are the organisation's orders under the old one, `subscription_id` is one of its subscriptions. `evict`: also
    if a person has entered with the old one.
    """

    SEEN: ClassVar[frozenset[str]] = frozenset({"subscription_id", "sales"})

    organisation_id: OrganisationId
    subscription_id: SubscriptionId
    sales: tuple[SaleId, ...] = ()
    evict: bool = False

    @property
    def subject(self) -> str:
        """The organisation."""
        return self.organisation_id


class CaseAct(ActBase, frozen=True, kw_only=True):
    """Base of the acts on a case, by the facts that its operator saw: it covers no more than these.

    `case_subject` is what the case is loaded by; `weight` and `about` are as in the case.
    """

    SEEN: ClassVar[frozenset[str]] = frozenset({"case_subject", "weight", "about"})

    case_id: str
    case_subject: str
    weight: int = 0
    about: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The case."""
        return self.case_id


class CaseClosed(CaseAct, frozen=True, kw_only=True, tag="case_closed"):
    """An operator closed a case."""


class CaseSnoozed(CaseAct, frozen=True, kw_only=True, tag="case_snoozed"):
    """An operator left a case open without an alarm until then."""

    until: datetime


class RefundRequested(ActBase, frozen=True, kw_only=True, tag="refund_requested"):
    """An operator gives back a payment, or a part of it; what the provider knows the payment by is named too."""

    SEEN: ClassVar[frozenset[str]] = frozenset({"invoice_id", "payment_intent_id"})

    payment_id: str
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None
    terms: RefundTerms = RefundTerms()

    @property
    def subject(self) -> str:
        """The sale, or a payment that is of none."""
        return self.sale_id or self.payment_id


class SubscriptionEndRequested(ActBase, frozen=True, kw_only=True, tag="subscription_end_requested"):
    """An operator ends a subscription, at once or with the period that was paid."""

    subscription_id: SubscriptionId
    at_period_end: bool

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription_id


OperatorAct: TypeAlias = (
    SaleCancelled
    | ShipmentRepeated
    | ShipmentHeld
    | ShipmentReleased
    | AddressCorrected
    | IntroductionRequested
    | EmailCorrected
    | CaseClosed
    | CaseSnoozed
    | RefundRequested
    | SubscriptionEndRequested
)
"""The closed set of acts."""
