"""Provider's answers in a scenario, translated from its objects by the same code as in production."""

from datetime import datetime

import msgspec
from scenario import Truth

from egpay.adapters.stripe.inbound import dispute
from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.invoice import InvoiceView
from egpay.adapters.stripe.inbound.subscription import SubscriptionView, report
from egpay.adapters.stripe.outbound.client import read
from egpay.adapters.stripe.outbound.lookups import CustomerView
from egpay.domain.commands import AboutPayment
from egpay.domain.events import BillingEvent, DisputeReported, Source, SubscriptionChanged
from egpay.domain.owner import Owner
from egpay.domain.values import MessageId, PaymentIntentId, SubscriptionId, email_key
from egpay.ports.payments import PaymentTrace, UnpaidRenewal
from egpay.testing.builders import moment

ASKED = moment()
"""When the provider was asked: after everything in the scenarios."""


class ProviderAnswers:
    """Answers of one scenario's provider, whose objects no longer change."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def trace(self, intent: PaymentIntentId) -> PaymentTrace:
        """Looks up the sale and the invoice of a payment."""
        found = self._truth.invoice_of.get(intent)
        if found is None:
            return PaymentTrace()
        invoice = read(msgspec.json.encode(self._truth.invoices[found]), InvoiceView)
        return PaymentTrace(
            sale_id=invoice.sale_id() if invoice.initial() else None,
            invoice_id=invoice.id,
            subscription_id=invoice.subscription_id(),
            installation=invoice.installation(),
        )

    def traced(self, waiting: AboutPayment) -> BillingEvent:
        """Returns the waiting event with the answer in it."""
        trace = self.trace(waiting.payment_intent_id)
        again = {"id": MessageId(f"{waiting.id}:traced"), "source": Source.RECONCILE, "traced": True}
        return msgspec.structs.replace(waiting, **again, **msgspec.structs.asdict(trace))

    def refreshed(self, subscription: SubscriptionId, *, at: datetime = ASKED) -> SubscriptionChanged:
        """Reports the current state of a subscription."""
        about = EventHeader(
            id=MessageId(f"reconcile:{subscription}:{int(at.timestamp())}"),
            occurred_at=at,
            source=Source.RECONCILE,
        )
        found = read(msgspec.json.encode(self._truth.subscriptions[subscription]), SubscriptionView)
        return report(about, found, found.standing())

    def dispute(self, name: str, *, at: datetime = ASKED) -> DisputeReported:
        """Reports the current state of a dispute."""
        about = EventHeader(
            id=MessageId(f"reconcile:{name}:{int(at.timestamp())}"), occurred_at=at, source=Source.RECONCILE
        )
        return dispute.report(about, msgspec.Raw(msgspec.json.encode(self._truth.disputes[name])))

    def disputed(self, known: DisputeReported) -> BillingEvent:
        """Returns the answer to a dispute that two reports of one second contradict."""
        again = {
            "id": MessageId(f"refresh:{known.dispute_id}:answered"),
            "sale_id": known.sale_id,
            "invoice_id": known.invoice_id,
            "subscription_id": known.subscription_id,
            "traced": known.traced,
        }
        return msgspec.structs.replace(self.dispute(known.dispute_id), **again)

    def refusal(self, act: str) -> str | None:
        """Returns the code with which it refuses what an act asks to be given back."""
        return self._truth.refused_refunds.get(act)

    def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """Looks up the oldest unpaid renewal of a subscription."""
        invoices = (read(msgspec.json.encode(one), InvoiceView) for one in self._truth.open_invoices)
        owed = [
            UnpaidRenewal(invoice_id=one.id, owed_since=since)
            for one in invoices
            if one.subscription_id() == subscription and (since := one.owed_since())
        ]
        return min(owed, key=lambda one: one.owed_since, default=None)

    def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Looks up the owner of a subscription."""
        if subscription not in self._truth.customers:
            return None
        customer = read(msgspec.json.encode(self._truth.customers[subscription]), CustomerView)
        if not customer.email:
            return None
        name = customer.name or ""
        return Owner(
            subscription_id=subscription,
            organisation=name,
            name=name,
            email=customer.email,
            email_key=email_key(customer.email),
        )
