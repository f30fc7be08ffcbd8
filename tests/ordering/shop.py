"""Webhook builders of one purchase in Stripe's words: every webhook of its life, in any API version."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from scenario import Told, tell

from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.values import Address, SaleId, SessionId, email_key
from egpay.testing import stripe_objects as objects
from egpay.testing.builders import MONITORING, order, sale
from egpay.testing.stripe_objects import Generation, Json

START = 1_700_000_000
"""The scenarios' midnight, in Unix seconds: long past, so that an answer of today is always the newest."""

TOTAL = 16_600
PERIOD = 2_592_000


class Shop:
    """A sale of three devices and a subscription under a letter of its own; `at` is seconds after START."""

    def __init__(
        self,
        tag: str,
        letter: str = "a",
        *,
        buyer: str | None = None,
        generation: Callable[[str], Generation] = lambda _: Generation.ENDIVE,
    ) -> None:
        self.own = f"{letter}_{tag}"
        self.tag, self.letter = tag, letter
        self.buyer = f"{buyer or letter}.{tag}@orders.example"
        self.sale_id = SaleId(f"sale_{letter}{tag}".ljust(31, "0"))
        self.generation = generation
        self.marked = True
        self.price: Json | None = None
        self.installation: str | None = None

    def name(self, kind: str) -> str:
        """Returns an id of the provider's: `sub`, `in`, `pi`, `cs1`, ..."""
        return f"{kind}_{self.own}"

    def sold(self, *, devices: int = 3, plan: bool = True, **facts: Any) -> tuple[Sale, Order]:
        """Builds the sale, stored before Stripe reported anything, with its first Checkout page open."""
        placed = order(
            devices=devices,
            plan=MONITORING if plan else None,
            email=self.buyer,
            shipping_address=Address(line1="1 Quay", city="Cork", postal_code="T12", country="IE"),
        )
        opened = sale(placed, id=self.sale_id, checkout_session_id=SessionId(self.name("cs1")))
        return msgspec.structs.replace(opened, **facts), placed

    def cancelled(self) -> tuple[Sale, Order]:
        """Builds the sale after it was paid and an operator has cancelled it."""
        return self.sold(
            cancelled=True, status=SaleStatus.CANCELLED, paid_at=datetime.fromtimestamp(START + 2, UTC)
        )

    def completed(self, *, at: int = 2, page: int = 1, paid: bool = True, **fields: Any) -> Told:
        """CSC. The e-mail typed at Checkout is never the buyer's own."""
        return self._session("completed", "completed", at, page, paid=paid, **fields)

    def paid_later(self, *, at: int, page: int = 1) -> Told:
        """CAS."""
        return self._session("arrived", "async_payment_succeeded", at, page)

    def failed_later(self, *, at: int, page: int = 1) -> Told:
        """CAF."""
        return self._session("bounced", "async_payment_failed", at, page, paid=False)

    def expired(self, *, at: int, page: int = 1) -> Told:
        """CSE."""
        return self._session("expired", "expired", at, page, paid=False, status="expired", subscription=None)

    def subscription(self, kind: str, status: str, *, at: int, name: str = "", **fields: Any) -> Told:
        """SC, SU or SD: `created`, `updated` or `deleted`."""
        label = name or f"{kind}_{status}"
        rendering = self.generation(label)
        content = self.stripe_subscription(status, rendering=rendering, **fields)
        return self._tell(label, f"customer.subscription.{kind}", content, at, rendering)

    def stripe_subscription(
        self, status: str, *, rendering: Generation = Generation.ENDIVE, **fields: Any
    ) -> Json:
        """Builds the subscription as Stripe renders it."""
        ours = self.sale_id if self.marked else None
        known: Json = {"id": self.name("sub"), "customer": self.name("cus"), "quantity": 1}
        period_end = fields.pop("period_end", START + PERIOD)
        rendered = objects.subscription(
            rendering, sale_id=ours, status=status, period_end=period_end, **{**known, **fields}
        )
        if self.price:
            rendered["items"]["data"][0]["price"] = self.price
        return self._bearing_installation(rendered)

    def paid(self, *, at: int = 1, kind: str = "paid", invoice: str = "in", **fields: Any) -> Told:
        """IP, or IPS with `payment_succeeded`; the first invoice unless `billing_reason` says otherwise."""
        label = f"{invoice}_{kind}"
        rendering = self.generation(label)
        content = self.stripe_invoice(invoice, rendering=rendering, **fields)
        return self._tell(label, f"invoice.{kind}", content, at, rendering)

    def renewed(self, *, at: int, amount: int = 1_900, invoice: str = "in2", **fields: Any) -> Told:
        """IP of a renewal."""
        due = {"billing_reason": "subscription_cycle", "amount_paid": amount, "amount_due": amount}
        return self.paid(at=at, invoice=invoice, **{**due, **fields})

    def unpaid(self, attempt: int, *, at: int, invoice: str = "in2", since: int = PERIOD) -> Told:
        """IPF: try number `attempt` to collect a renewal, finalised at `since`, failed."""
        label = f"{invoice}_failed_{attempt}"
        rendering = self.generation(label)
        dated = {"status_transitions": {"finalized_at": START + since}, "created": START + since - 3_600}
        owing: Json = {"status": "open", "amount_paid": 0, "attempt_count": attempt, **dated}
        content = self.stripe_invoice(
            invoice, rendering=rendering, billing_reason="subscription_cycle", **owing
        )
        return self._tell(label, "invoice.payment_failed", content, at, rendering)

    def voided(self, *, at: int, invoice: str = "in2") -> Told:
        """A renewal's invoice is voided."""
        label = f"{invoice}_voided"
        rendering = self.generation(label)
        content = self.stripe_invoice(
            invoice, rendering=rendering, billing_reason="subscription_cycle", status="void"
        )
        return self._tell(label, "invoice.voided", content, at, rendering)

    def stripe_invoice(
        self,
        invoice: str = "in",
        *,
        subscription: str = "sub",
        rendering: Generation = Generation.ENDIVE,
        **fields: Any,
    ) -> Json:
        """Builds an invoice of the subscription as Stripe renders it."""
        known: Json = {
            "id": self.name(invoice),
            "customer": self.name("cus"),
            "amount_paid": TOTAL,
            "amount_due": TOTAL,
            "subtotal": TOTAL,
        }
        if not rendering.since_basil:
            known |= {"subscription": self.name(subscription), "payment_intent": self.name(f"pi_{invoice}")}
        ours = self.sale_id if self.marked else None
        rendered = objects.invoice(rendering, sale_id=ours, **{**known, **fields})
        if rendering.since_basil:
            rendered["parent"]["subscription_details"]["subscription"] = self.name(subscription)
        return self._bearing_installation(rendered)

    def refunded(
        self, amount: int = TOTAL, *, at: int, total: int = TOTAL, invoice: str = "in", currency: str = "eur"
    ) -> Told:
        """CR, with the amount refunded so far; a subscription's charge carries no metadata of ours."""
        label = f"refunded_{amount}_{at}"
        rendering = self.generation(label)
        known: Json = {
            "id": self.name(f"ch_{invoice}"),
            "payment_intent": self.name(f"pi_{invoice}"),
            "amount": total,
            "amount_refunded": amount,
            "refunded": amount == total,
            "currency": currency,
        }
        if not rendering.since_basil:
            known["invoice"] = self.name(invoice)
        content = objects.charge(rendering, sale_id=None, **known)
        return self._tell(label, "charge.refunded", content, at, rendering)

    def refund(
        self,
        refund: str = "re",
        amount: int = TOTAL,
        *,
        at: int,
        status: str = "succeeded",
        kind: str = "refund.created",
        made: int | None = None,
        invoice: str = "in",
        **fields: Any,
    ) -> Told:
        """RC, RU, RF or the older `charge.refund.updated`: one refund by its id, made at `made`."""
        label = f"{kind.replace('.', '_')}_{status}_{refund}"
        rendering = self.generation(label)
        known = {
            "id": self.name(refund),
            "payment_intent": self.name(f"pi_{invoice}"),
            "amount": amount,
            "status": status,
            "created": START + (at if made is None else made),
            "failure_reason": "lost_or_stolen_card" if status == "failed" else None,
        }
        return self._tell(label, kind, objects.refund(rendering, **{**known, **fields}), at, rendering)

    def refund_failed(
        self,
        refund: str = "re",
        amount: int = TOTAL,
        *,
        at: int,
        made: int = 50,
        kind: str = "refund.failed",
        invoice: str = "in",
    ) -> Told:
        """RF, or the older `charge.refund.updated`: one refund failed."""
        return self.refund(refund, amount, at=at, status="failed", kind=kind, made=made, invoice=invoice)

    def dispute(
        self,
        status: str,
        *,
        at: int,
        kind: str = "",
        dispute: str = "du",
        invoice: str = "in",
        **fields: Any,
    ) -> Told:
        """DC with `needs_response`, DX with `won` or `lost`, DU with `kind="updated"`."""
        label = f"{dispute}_{status}_{kind}"
        kind = kind or ("created" if status == "needs_response" else "closed")
        rendering = self.generation(label)
        content = self.stripe_dispute(status, dispute=dispute, invoice=invoice, rendering=rendering, **fields)
        return self._tell(label, f"charge.dispute.{kind}", content, at, rendering)

    def stripe_dispute(
        self,
        status: str,
        *,
        dispute: str = "du",
        invoice: str = "in",
        rendering: Generation = Generation.ENDIVE,
        **fields: Any,
    ) -> Json:
        """Builds a dispute of the whole payment as Stripe renders it."""
        known = {
            "id": self.name(dispute),
            "payment_intent": self.name(f"pi_{invoice}"),
            "status": status,
            "amount": TOTAL,
        }
        return objects.dispute(rendering, **{**known, **fields})

    def fraud_warning(self, *, at: int, actionable: bool = True, invoice: str = "in") -> Told:
        """EFW: created while it can be acted upon, updated when it cannot any more."""
        label = f"warning_{actionable}"
        rendering = self.generation(label)
        known = {"id": self.name("issfr"), "payment_intent": self.name(f"pi_{invoice}")}
        content = objects.fraud_warning(rendering, actionable=actionable, **known)
        kind = f"radar.early_fraud_warning.{'created' if actionable else 'updated'}"
        return self._tell(label, kind, content, at, rendering)

    def review(self, closed_reason: str | None = None, *, at: int, invoice: str = "in") -> Told:
        """RO, or RX with the reason."""
        label = f"review_{closed_reason}"
        rendering = self.generation(label)
        known = {"id": self.name("prv"), "payment_intent": self.name(f"pi_{invoice}")}
        is_open = closed_reason is None
        content = objects.review(rendering, open=is_open, closed_reason=closed_reason, **known)
        return self._tell(label, f"review.{'opened' if is_open else 'closed'}", content, at, rendering)

    def credit_note(self, status: str, *, at: int) -> Told:
        """CN `issued` or `void`: the whole first invoice, paid out of band."""
        kind = "created" if status == "issued" else "voided"
        known: Json = {"id": self.name("cn"), "invoice": self.name("in"), "status": status}
        sums = {"amount": TOTAL, "out_of_band_amount": TOTAL, "post_payment_amount": TOTAL}
        rendering = self.generation(f"note_{kind}")
        content = objects.credit_note(rendering, **known, **sums)
        return self._tell(f"note_{kind}", f"credit_note.{kind}", content, at, rendering)

    def customer(self, *, at: int, email: str | None = None) -> Told:
        """CU: the customer is changed."""
        label = "customer"
        return self._tell(
            label, "customer.updated", {"id": self.name("cus"), "email": email}, at, self.generation(label)
        )

    def customer_deleted(self, *, at: int) -> Told:
        """The customer is deleted."""
        label = "customer_deleted"
        content = {"id": self.name("cus"), "object": "customer", "email": self.buyer}
        return self._tell(label, "customer.deleted", content, at, self.generation(label))

    def _session(
        self, label: str, kind: str, at: int, page: int, *, paid: bool = True, **fields: Any
    ) -> Told:
        label = f"{label}_{page}"
        rendering = self.generation(label)
        suffix = "" if page == 1 else str(page)
        known: Json = {
            "id": self.name(f"cs{page}"),
            "client_reference_id": self.sale_id,
            "payment_status": "paid" if paid else "unpaid",
            "amount_subtotal": TOTAL,
            "amount_total": TOTAL,
            "customer": self.name("cus"),
            "customer_details": {"email": f"typed.{self.tag}@checkout.example", "name": "Ada"},
            "subscription": self.name(f"sub{suffix}"),
            "invoice": self.name(f"in{suffix}"),
        }
        content = objects.session(rendering, sale_id=self.sale_id, **{**known, **fields})
        return self._tell(
            label, f"checkout.session.{kind}", self._bearing_installation(content), at, rendering
        )

    def _bearing_installation(self, content: Json) -> Json:
        if self.installation:
            content["metadata"] = {**content["metadata"], "egpay_installation": self.installation}
        return content

    def _tell(self, label: str, kind: str, content: Json, at: int, rendering: Generation) -> Told:
        event_id = f"evt_{label}_{self.own}"
        created = START + at
        return tell(label, kind, content, event_id=event_id, created=created, generation=rendering)


def key_of(shop: Shop) -> str:
    """Returns the buyer's identity."""
    return email_key(shop.buyer)
