"""Witness of the letters of a random history: each is compared with the truth when it is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from history_acts import ParcelFate, Paying
from history_money import TrueCharge
from history_world import ProviderWorld

from egpay.domain.letters import Letter, LetterKind
from egpay.ports.mail import Email


@dataclass(slots=True)
class LetterWitness:
    """Port `EmailTemplates` that notes every letter that is false as it is written.

    `heard` is what was told by then; while the provider is still asked something (`asks`), not all of it is understood.
    """

    world: ProviderWorld
    heard: set[str]
    findings: list[str]
    written: list[str] = field(default_factory=list)
    asks: bool = False

    def render(self, letter: Letter, *, message_id: str, date: datetime) -> Email:
        """Looks at the letter, and renders next to nothing."""
        holds = _CLAIMS.get(letter.kind)
        if holds and not holds(self, letter, message_id):
            self.findings.append(f"a letter is false: {letter.kind.value}")
        self.written.append(message_id)
        subject = letter.kind.value
        return Email(to=letter.to, subject=subject, text="", html="", message_id=message_id, date=date)

    def account_is_due(self, _: Letter, __: str) -> bool:
        """Tells whether an account could be opened: the subscription is settled."""
        return self.world.truth.plan and self.world.truth.settled

    def order_is_settled(self, _: Letter, __: str) -> bool:
        """Tells whether the order is settled, and not known to be given back."""
        order = self.world.truth.order
        gone = order is not None and order.gone_in_full and self._knows(order.events)
        return self.world.truth.settled and not gone

    def payment_is_pending(self, _: Letter, __: str) -> bool:
        """Tells whether a delayed payment is under way, as far as that was heard."""
        delayed = self.world.history.paying in (Paying.DELAYED, Paying.BOUNCED)
        return delayed and not self.world.truth.outcome & self.heard

    def payment_failed(self, _: Letter, __: str) -> bool:
        """Tells whether the delayed payment failed."""
        return self.world.history.paying is Paying.BOUNCED

    def parcel_left(self, _: Letter, __: str) -> bool:
        """Tells whether it left, and nothing worse was heard."""
        reports = self.world.truth.reports
        split = self.world.truth.fate is ParcelFate.SPLIT
        return "shipped" in reports and (split or not self._heard("failed", "returned"))

    def parcel_waits(self, _: Letter, __: str) -> bool:
        """Tells whether the warehouse cannot send it, as far as was heard: its word for a loss is the same."""
        return self._heard("failed") and not self._heard("shipped")

    def parcel_is_lost(self, _: Letter, __: str) -> bool:
        """Tells whether it left and is lost."""
        return self._heard("failed") and self.world.truth.left

    def parcel_is_back(self, _: Letter, __: str) -> bool:
        """Tells whether it came back."""
        return self._heard("returned")

    def money_went_back(self, letter: Letter, message_id: str) -> bool:
        """Tells whether that sum was given back, and once all is told, that it still is."""
        charge = self._charge(message_id)
        if charge is None or letter.amount is None or not 0 < letter.amount <= charge.ever_given_back:
            return False
        return not self._knows(charge.events) or letter.amount == charge.given_back

    def end_is_set(self, letter: Letter, _: str) -> bool:
        """Tells whether that end was set, and its subscription is not known to be over."""
        truth = self.world.truth
        at = int(letter.at.timestamp()) if letter.at else None
        if at not in truth.ends or (truth.end_event and truth.end_event in self.heard):
            return False
        return not self._knows(truth.subscription_events) or at == truth.cancel_at

    def subscription_is_over(self, _: Letter, __: str) -> bool:
        """Tells whether it is over."""
        return self.world.truth.end_event is not None

    def renewal_is_owed(self, letter: Letter, _: str) -> bool:
        """Tells whether a renewal is owed for a subscription that lives, and tried again if it says so."""
        owed = [one for one in self.world.truth.charges.values() if not one.paid]
        again = letter.kind is LetterKind.LAST_NOTICE or any(one.tries < 3 for one in owed)
        return bool(owed) and again and self.world.truth.lives

    def _knows(self, events: set[str]) -> bool:
        return events <= self.heard and not self.asks

    def _heard(self, *reports: str) -> bool:
        known = self.world.truth.reports
        return any(known[one] in self.heard for one in reports if one in known)

    def _charge(self, message_id: str) -> TrueCharge | None:
        shop = self.world.shop
        names = {shop.name(one.invoice): one for one in self.world.truth.charges.values()}
        about = message_id.split(".")[1]
        return self.world.truth.order if about == shop.sale_id else names.get(about)


Claim = Callable[[LetterWitness, Letter, str], bool]
_CLAIMS: dict[LetterKind, Claim] = {
    LetterKind.INTRODUCTION: LetterWitness.account_is_due,
    LetterKind.ORDER_CONFIRMATION: LetterWitness.order_is_settled,
    LetterKind.PAYMENT_PENDING: LetterWitness.payment_is_pending,
    LetterKind.PAYMENT_FAILED: LetterWitness.payment_failed,
    LetterKind.SHIPPED: LetterWitness.parcel_left,
    LetterKind.DELAYED: LetterWitness.parcel_waits,
    LetterKind.PARCEL_LOST: LetterWitness.parcel_is_lost,
    LetterKind.PARCEL_RETURNED: LetterWitness.parcel_is_back,
    LetterKind.REFUNDED: LetterWitness.money_went_back,
    LetterKind.SUBSCRIPTION_WILL_END: LetterWitness.end_is_set,
    LetterKind.SUBSCRIPTION_ENDED: LetterWitness.subscription_is_over,
    LetterKind.PAYMENT_RETRY: LetterWitness.renewal_is_owed,
    LetterKind.LAST_NOTICE: LetterWitness.renewal_is_owed,
    LetterKind.CONFIRM_PAYMENT: LetterWitness.renewal_is_owed,
}
