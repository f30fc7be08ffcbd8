"""Recording doubles: a mailbox, a warehouse and a payment provider that record every call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from egpay.domain.events import DisputeReported, SubscriptionChanged
from egpay.domain.letters import Letter
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import (
    CustomerId,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    SaleId,
    SessionId,
    SubscriptionId,
)
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.mail import Email
from egpay.ports.payments import CheckoutSession, OpenInvoice, PaymentTrace, RefundOrder, UnpaidRenewal


@dataclass(slots=True)
class RecordingMail:
    """Port `Mail` that records e-mails; it first raises `faults`, one for each call."""

    letters: list[Email] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def send(self, letter: Email) -> None:
        """Record it."""
        if self.faults:
            raise self.faults.pop(0)
        self.letters.append(letter)


@dataclass(slots=True)
class PlainLetters:
    """Port `EmailTemplates` without markup: the text is the letter's token or link; `rendered` records each letter."""

    rendered: list[Letter] = field(default_factory=list)

    def render(self, letter: Letter, *, message_id: str, date: datetime) -> Email:
        """An e-mail whose subject is the kind and the name."""
        self.rendered.append(letter)
        text = letter.token or letter.url or ""
        subject = f"{letter.kind.value}, {letter.name}"
        return Email(to=letter.to, subject=subject, text=text, html=text, message_id=message_id, date=date)


@dataclass(slots=True)
class RecordingWarehouse:
    """Port `Warehouse` that deduplicates by key, as the real one does.

    `told` and `revisions` hold each key once."""

    told: dict[MessageId, str] = field(default_factory=dict)
    revisions: dict[MessageId, int] = field(default_factory=dict)
    orders: list[ShippingOrder] = field(default_factory=list)
    fault: Exception | None = None

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int = 0) -> None:
        """Record an order."""
        if key not in self.told:
            self.orders.append(order)
        self._hear(key, f"ship {order.sale_id}", revision)

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Record a hold."""
        self._hear(key, f"hold {sale_id}", revision)

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Record a release."""
        self._hear(key, f"release {sale_id}", revision)

    async def change(self, order: ShippingOrder, *, key: MessageId, revision: int = 0) -> None:
        """Record other devices."""
        if key not in self.told:
            self.orders.append(order)
        self._hear(key, f"change {order.sale_id}", revision)

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Record a cancellation."""
        self._hear(key, f"cancel {sale_id}", revision)

    def _hear(self, key: MessageId, what: str, revision: int) -> None:
        if self.fault:
            raise self.fault
        self.told.setdefault(key, what)
        self.revisions.setdefault(key, revision)


@dataclass(slots=True)
class ScriptedPayments:
    """Port `Payments` that answers from tables or raises `fault`; `asked` records every request.

    A page in `completed` cannot be expired, a customer in `subscribed` not deleted."""

    traces: Mapping[PaymentIntentId, PaymentTrace] = field(default_factory=dict)
    subscriptions: Mapping[SubscriptionId, SubscriptionChanged] = field(default_factory=dict)
    disputes: Mapping[str, DisputeReported] = field(default_factory=dict)
    owners: Mapping[SubscriptionId, Owner] = field(default_factory=dict)
    unpaid_renewals: Mapping[SubscriptionId, UnpaidRenewal] = field(default_factory=dict)
    open_invoices: Mapping[InvoiceId, OpenInvoice] = field(default_factory=dict)
    completed: set[SessionId] = field(default_factory=set)
    subscribed: set[CustomerId] = field(default_factory=set)
    fault: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:  # noqa: ARG002
        """Create one for each number."""
        self._note(sale.id)
        return CustomerId(f"cus_{sale.id}_{number}")

    async def delete_customer(self, customer: CustomerId) -> bool:
        """Delete it, unless it is in `subscribed`."""
        self._note(customer)
        return customer not in self.subscribed

    async def open_checkout(
        self,
        sale: Sale,
        order: Order,  # noqa: ARG002
        customer: CustomerId,  # noqa: ARG002
        *,
        known: bool = False,  # noqa: ARG002
    ) -> CheckoutSession:
        """Open one session for each attempt."""
        self._note(sale.id)
        name = f"cs_{sale.id}_{sale.session_attempt}"
        return CheckoutSession(SessionId(name), f"https://pay.test/{name}")

    async def expire_checkout(self, session: SessionId) -> bool:
        """Expire it, unless it is completed."""
        self._note(session)
        return session not in self.completed

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Look up the trace; one that is missing is not ours."""
        self._note(payment_intent)
        return self.traces.get(payment_intent, PaymentTrace())

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """Look up the report."""
        self._note(subscription)
        return self.subscriptions.get(subscription)

    async def dispute(self, dispute_id: str) -> DisputeReported | None:
        """Look up the report."""
        self._note(dispute_id)
        return self.disputes.get(dispute_id)

    async def refund(self, order: RefundOrder, *, key: str) -> str:
        """Record the refund under its key."""
        self._note(f"{key}: {order.amount} {order.currency} of {order.payment_intent_id or order.invoice_id}")
        return f"re_{order.act}"

    async def end_subscription(self, subscription: SubscriptionId, *, at_period_end: bool, key: str) -> None:
        """Record the end under its key."""
        self._note(f"{key}: {subscription} {'with its period' if at_period_end else 'now'}")

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Look up the owner."""
        self._note(subscription)
        return self.owners.get(subscription)

    async def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """Look up what is owed."""
        self._note(subscription)
        return self.unpaid_renewals.get(subscription)

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """Look up the invoice; one that is missing cannot be paid."""
        self._note(invoice)
        return self.open_invoices.get(invoice)

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.fault:
            raise self.fault
