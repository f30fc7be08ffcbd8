"""World of a random history: the provider's truth about one order, and every webhook about it.

It knows nothing of the rules. What is not possible at a time does not happen, as at the provider.
"""

from typing import Any
from zlib import crc32

from history_acts import HistoryAct, Paying, RandomHistory
from history_money import MadeRefund, RaisedDispute, TrueCharge
from history_truth import SaleTruth
from scenario import Told, Truth, tell
from shop import START, TOTAL, Shop

from egpay.testing import stripe_objects as objects
from egpay.testing.stripe_objects import Generation, Json

RENEWED = 1_900


class ProviderWorld:
    """Collects the webhooks and the truth; `heard_of` has the events that a payment's truth rests on."""

    def __init__(self, history: RandomHistory) -> None:
        self.history = history
        versions = tuple(Generation) if history.mixed else (Generation.ENDIVE,)
        self.shop = Shop("h", generation=lambda label: versions[crc32(label.encode()) % len(versions)])
        self.told: list[Told] = []
        self.truth = SaleTruth(history)
        self.clock = 1_000
        self.noises = 0
        devices = 3 if self.truth.devices else 0
        self.sold = self.shop.sold(devices=devices, plan=self.truth.plan, total=TOTAL)
        self._checkout()

    def say(self, told: Told, charge: TrueCharge | None = None) -> None:
        """Report it, as a fact about this payment."""
        self.told.append(told)
        if charge:
            charge.events.add(told.event_id)

    def say_outcome(self, told: Told) -> None:
        """Report how a delayed payment ended."""
        self.truth.outcome.add(told.event_id)
        self.say(told)

    def tell(self, label: str, kind: str, content: Json, *, at: int, charge: TrueCharge) -> None:
        """Report an object of the provider's about a payment."""
        event_id = f"evt_{label}_{self.shop.own}"
        told = tell(label, kind, content, event_id=event_id, created=START + at, generation=Generation.ENDIVE)
        self.say(told, charge)

    def report(self, status: str, *, kind: str = "updated", at: int | None = None) -> None:
        """Report the subscription in this status."""
        self.truth.status = status
        name = f"sub{len(self.truth.subscription_events)}"
        at = self.clock if at is None else at
        told = self.shop.subscription(kind, status, at=at, name=name, **self._fields())
        self.truth.subscription_events.add(told.event_id)
        if status in ("canceled", "incomplete_expired"):
            self.truth.end_event = told.event_id
        self.say(told)

    def give_back(self, charge: TrueCharge, amount: int) -> None:
        """Refund so much of a payment: the refund is reported, and the charge's new total."""
        name = f"re{charge.invoice}x{len(charge.refunds)}"
        charge.refunds[name] = MadeRefund(amount, made=self.clock)
        at, invoice, shop = self.clock, charge.invoice, self.shop
        self.say(shop.refund(name, amount, at=at, invoice=invoice, status="pending"), charge)
        self.say(shop.refunded(charge.counting, at=at, total=charge.amount, invoice=invoice), charge)

    def invoice(self, charge: TrueCharge) -> Json:
        """Builds the invoice of a payment as it is at the end."""
        shop, truth = self.shop, self.truth
        paid: Json = {"id": shop.name(charge.invoice), "customer": shop.name("cus")}
        amount = charge.amount if charge.paid else 0
        paid |= {
            "amount_due": charge.amount,
            "amount_paid": amount,
            "status": "paid" if charge.paid else "open",
        }
        paid |= {"subtotal": 1 if charge.of_order and truth.one_cent else TOTAL}
        if charge.of_order and not truth.plan:
            return objects.devices_invoice(Generation.ENDIVE, sale_id=shop.sale_id, **paid)
        if not charge.of_order:
            dated = {"finalized_at": START + charge.owed_since}
            paid |= {"billing_reason": "subscription_cycle", "status_transitions": dated}
        return shop.stripe_invoice(charge.invoice, **paid)

    def dispute(self, charge: TrueCharge, name: str, one: RaisedDispute) -> Json:
        """Builds a dispute as it is at the end."""
        took: Json = {"balance_transactions": [{"amount": -one.amount}]} if one.took else {}
        return self.shop.stripe_dispute(
            one.status, dispute=name, invoice=charge.invoice, amount=one.amount, **took
        )

    def answers(self) -> Truth:
        """Returns what the provider answers when it is asked: its objects at the end."""
        shop, truth = self.shop, self.truth
        disputes = {
            shop.name(name): self.dispute(charge, name, one)
            for charge in truth.charges.values()
            for name, one in charge.disputes.items()
        }
        subscription = shop.stripe_subscription(truth.status, **self._fields())
        return Truth(
            subscriptions={shop.name("sub"): subscription} if truth.plan else {},
            invoices={shop.name(name): self.invoice(one) for name, one in truth.charges.items()},
            invoice_of={shop.name(f"pi_{name}"): shop.name(name) for name in truth.charges},
            disputes=disputes,
            open_invoices=tuple(self.invoice(one) for one in truth.charges.values() if not one.paid),
        )

    def _fields(self) -> Json:
        return {"quantity": self.truth.seats, "cancel_at": self.truth.cancel_at}

    def _checkout(self) -> None:
        """The buyer goes through Checkout, and pays now, later or never."""
        paying, truth = self.history.paying, self.truth
        if paying is Paying.EXPIRED:
            self.say(self.shop.expired(at=86_400))
            return
        pending = paying in (Paying.DELAYED, Paying.BOUNCED)
        fields = self._session_fields()
        self.say(self.shop.completed(at=2, paid=not pending, **fields))
        if truth.plan:
            self.report("incomplete", kind="created", at=0)
            self.report("trialing" if paying is Paying.TRIAL else "active", at=1)
        if paying is Paying.BOUNCED:
            self.say_outcome(self.shop.failed_later(at=500))
            if truth.plan:
                self.report("incomplete_expired", at=501)
            return
        if paying is Paying.DELAYED:
            told = self.shop._session("arrived", "async_payment_succeeded", 500, 1, **fields)
            self.say_outcome(told)
        asked = 1 if truth.one_cent else TOTAL
        charge = TrueCharge("in", 0 if truth.nothing_due else asked, of_order=True)
        truth.charges["in"] = charge
        for kind in ("paid", "payment_succeeded"):
            at = 500 if pending else 1
            self.tell(f"in_{kind}", f"invoice.{kind}", self.invoice(charge), at=at, charge=charge)

    def _session_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if self.truth.nothing_due:
            fields = {"amount_total": 0, "payment_status": "no_payment_required"}
        if self.truth.one_cent:
            fields = {"amount_total": 1, "amount_subtotal": 1}
        if not self.truth.plan:
            fields |= {"mode": "payment", "subscription": None, "payment_intent": self.shop.name("pi_in")}
        return fields


def amount_of(charge: TrueCharge, act: HistoryAct, left: int) -> int:
    """How much an act is about: all that is left, a half, or a third."""
    return left if act.share in (0, 3) else min(left, charge.amount // (act.share + 1))
