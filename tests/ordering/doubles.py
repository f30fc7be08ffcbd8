"""The world around the worker: a warehouse that knows its keys, a provider that answers, and who asks it what."""

from dataclasses import dataclass, field
from datetime import datetime

from final_state import Parcel
from provider_answers import ProviderAnswers
from scenario import Truth

from egpay.domain.events import SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SaleId, SubscriptionId
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.payments import CheckoutSession, PaymentTrace


@dataclass(slots=True)
class FakeWarehouse:
    """A Warehouse. What it was told under one key it hears once."""

    by_sale: dict[SaleId, Parcel] = field(default_factory=dict)
    keys: set[MessageId] = field(default_factory=set)

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:  # noqa: ARG002 - it always says what to ship
        """Another request, and how many devices it is for."""
        if parcel := self._new(order.sale_id, key):
            parcel.requests += 1
            parcel.devices = sum(line.quantity for line in order.devices)

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Wait."""
        if parcel := self._new(sale_id, key):
            parcel.hold(held=True, revision=revision)

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Go on."""
        if parcel := self._new(sale_id, key):
            parcel.hold(held=False, revision=revision)

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:  # noqa: ARG002 - nothing undoes it
        """Stop."""
        if parcel := self._new(sale_id, key):
            parcel.cancelled = True

    def _new(self, sale_id: SaleId, key: MessageId) -> Parcel | None:
        if key in self.keys:
            return None
        self.keys.add(key)
        return self.by_sale.setdefault(sale_id, Parcel())


class FakePayments:
    """A Payments that answers from the truth of a scenario."""

    def __init__(self, truth: Truth) -> None:
        self._answers = ProviderAnswers(truth)

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:
        """Nobody buys through it here."""
        raise NotImplementedError(sale.id)

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Whose it is."""
        return self._answers.trace(payment_intent)

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """How it stands."""
        return self._answers.refreshed(subscription)

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Whose it is."""
        return self._answers.owner(subscription)

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """It can still be paid."""
        return f"https://pay.example/{invoice}"


@dataclass(slots=True)
class UnlimitedLookups:
    """A Questions that lets everybody ask: doing so again is what redelivery brings."""

    asked: list[str] = field(default_factory=list)

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:  # noqa: ARG002 - nobody is turned away
        """Ours."""
        self.asked.append(subject)
        return True

    async def answered(self, subject: str) -> None:
        """Kept."""

    async def release(self, subject: str) -> None:
        """There was no answer."""
