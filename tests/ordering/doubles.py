"""Test doubles around the worker: an idempotent warehouse, a provider with answers, single flight."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from final_state import Parcel
from provider_answers import ProviderAnswers
from scenario import Truth

from egpay.domain.errors import RequestRefused
from egpay.domain.events import DisputeReported, SubscriptionChanged
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
from egpay.ports.payments import CheckoutSession, OpenInvoice, PaymentTrace, RefundOrder, UnpaidRenewal
from egpay.testing.builders import moment


@dataclass(slots=True)
class FakeWarehouse:
    """A Warehouse that processes each idempotency key once."""

    by_sale: dict[SaleId, Parcel] = field(default_factory=dict)
    keys: set[MessageId] = field(default_factory=set)

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:  # noqa: ARG002 - it always says what to ship
        """Counts another request, and how many devices it is for."""
        if parcel := self._new(order.sale_id, key):
            parcel.requests += 1
            parcel.devices = sum(line.quantity for line in order.devices)

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Holds the parcel."""
        if parcel := self._new(sale_id, key):
            parcel.hold(held=True, revision=revision)

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Releases the parcel."""
        if parcel := self._new(sale_id, key):
            parcel.hold(held=False, revision=revision)

    async def change(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:  # noqa: ARG002 - as above
        """Replaces what is to be sent."""
        if parcel := self._new(order.sale_id, key):
            parcel.devices = sum(line.quantity for line in order.devices)

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:  # noqa: ARG002 - nothing undoes it
        """Cancels the parcel."""
        if parcel := self._new(sale_id, key):
            parcel.cancelled = True

    def copy(self) -> "FakeWarehouse":
        """Copies what it holds."""
        return FakeWarehouse({sale: replace(parcel) for sale, parcel in self.by_sale.items()}, set(self.keys))

    def _new(self, sale_id: SaleId, key: MessageId) -> Parcel | None:
        if key in self.keys:
            return None
        self.keys.add(key)
        return self.by_sale.setdefault(sale_id, Parcel())


class FakePayments:
    """A Payments that answers from the truth of a scenario."""

    def __init__(self, truth: Truth) -> None:
        self._answers = ProviderAnswers(truth)

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:
        """Fails, because no scenario buys through it."""
        raise AssertionError(f"a scenario created customer {number} for {sale.id}, {order.total}")

    async def delete_customer(self, customer: CustomerId) -> bool:
        """Fails, because no scenario lasts for a month."""
        raise AssertionError(f"a scenario deleted {customer}")

    async def open_checkout(
        self,
        sale: Sale,
        order: Order,
        customer: CustomerId,
        *,
        known: bool = False,  # noqa: ARG002
    ) -> CheckoutSession:
        """Fails, because no scenario buys through it."""
        raise AssertionError(f"a scenario opened a page for {sale.id}, {order.total}, {customer}")

    async def expire_checkout(self, session: SessionId) -> bool:  # noqa: ARG002 - the scenario tells what became of it
        """Expires nothing, as if every page had been completed."""
        return False

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Looks up the sale and the invoice of a payment."""
        return self._answers.trace(payment_intent)

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """Reports the current state of a subscription."""
        return self._answers.refreshed(subscription)

    async def dispute(self, dispute_id: str) -> DisputeReported | None:
        """Reports the current state of a dispute."""
        return self._answers.dispute(dispute_id)

    async def refund(self, order: RefundOrder, *, key: str) -> str:  # noqa: ARG002 - the scenario tells what became of it
        """Gives nothing back, because the scenario tells what became of it; or refuses, as the truth says."""
        if code := self._answers.refusal(order.act):
            raise RequestRefused(f"Stripe: {code}", code=code)
        return f"re_{order.act}"

    async def end_subscription(self, subscription: SubscriptionId, *, at_period_end: bool, key: str) -> None:
        """Ends nothing: the scenario tells what became of it."""

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Looks up the owner of a subscription."""
        return self._answers.owner(subscription)

    async def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """Looks up what is owed in the end."""
        return self._answers.unpaid_renewal(subscription)

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """Says that the invoice can still be paid, and is tried again."""
        return OpenInvoice(
            url=f"https://pay.example/{invoice}", amount=1900, currency="eur", next_attempt_at=moment(10**8)
        )


@dataclass(slots=True)
class UnlimitedLookups:
    """A SingleFlight that lets every caller ask, because redelivery asks again."""

    asked: list[str] = field(default_factory=list)

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:  # noqa: ARG002 - nobody is turned away
        """Grants every claim."""
        self.asked.append(subject)
        return True

    async def answered(self, subject: str) -> None:
        """Records nothing."""

    async def release(self, subject: str) -> None:
        """Records nothing: there was no answer."""
