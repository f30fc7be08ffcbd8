"""Object owners: whose each object is, so that a person finds the one they look for."""

from dataclasses import dataclass

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import (
    Charge,
    CheckoutSession,
    CreditNote,
    Customer,
    Dispute,
    EarlyFraudWarning,
    Invoice,
    InvoiceItem,
    InvoicePayment,
    PaymentIntent,
    PaymentMethod,
    PortalSession,
    Refund,
    Review,
    StoredObject,
    Subscription,
)
from egpay_sandbox.stripe.objects.customer import Metadata


@dataclass(frozen=True, slots=True)
class ObjectOwner:
    """The sale an object is of, and its customer's name and e-mail; empty where there is none."""

    sale: str = ""
    name: str = ""
    email: str = ""


class OwnerIndex:
    """Finds owners by what Stripe's objects refer to; built once a page."""

    def __init__(self, account: SandboxAccount) -> None:
        self._account = account
        self._invoices = {link.payment_intent: link.invoice for link in account.invoice_payments}
        self._sessions = {s.payment_intent: s for s in account.sessions if s.payment_intent}
        self._sales = {self.of_session(s).sale: s for s in account.sessions}

    def of(self, stored: StoredObject) -> ObjectOwner:
        """The owner of any object that an event may be about; a catalogue's objects have none."""
        match stored:
            case CheckoutSession():
                owner = self.of_session(stored)
            case Subscription():
                owner = self.of_subscription(stored)
            case Invoice():
                owner = self.of_invoice(stored)
            case InvoicePayment() | CreditNote():
                owner = self.of_invoice(self._account.invoices[stored.invoice])
            case PortalSession() | InvoiceItem() | PaymentMethod():
                owner = self._customer(stored.customer)
            case Customer():
                owner = self._customer(stored.id)
            case _:
                owner = self._of_payment(stored)
        return owner

    def _of_payment(self, stored: StoredObject) -> ObjectOwner:
        match stored:
            case Charge():
                return self.of_charge(stored.id)
            case PaymentIntent():
                return self.of_charge(stored.latest_charge)
            case Refund() | Dispute() | EarlyFraudWarning() | Review():
                return self.of_charge(stored.charge)
            case _:
                return ObjectOwner()

    def of_session(self, session: CheckoutSession) -> ObjectOwner:
        """The owner of a Checkout Session: its customer, else who paid it, else the given e-mail."""
        known = self._customer(session.customer)
        return ObjectOwner(
            session.client_reference_id or _sale(session.metadata),
            known.name or session.buyer_name or "",
            known.email or session.buyer_email or session.customer_email or "",
        )

    def of_subscription(self, sub: Subscription) -> ObjectOwner:
        """The owner of a subscription."""
        known = self._customer(sub.customer)
        return ObjectOwner(_sale(sub.metadata), known.name, known.email)

    def of_invoice(self, invoice: Invoice) -> ObjectOwner:
        """The owner of an invoice, as it says itself."""
        sale = _sale(invoice.subscription_metadata) or _sale(invoice.metadata)
        return ObjectOwner(sale, invoice.customer_name or "", invoice.customer_email or "")

    def of_charge(self, charge_id: str | None) -> ObjectOwner:
        """The owner of a charge, and so of its refunds, disputes, warnings and reviews."""
        charge = self._account.charges.get(charge_id)
        if charge is None:
            return ObjectOwner()
        known = self._customer(charge.customer)
        return ObjectOwner(
            self._paid_sale(charge), known.name or charge.name or "", known.email or charge.email or ""
        )

    def of_sale(self, sale_id: str) -> ObjectOwner:
        """The owner of a sale, by its session; a sale that Stripe does not know has none."""
        session = self._sales.get(sale_id)
        return self.of_session(session) if session else ObjectOwner(sale_id)

    def _paid_sale(self, charge: Charge) -> str:
        if sale := _sale(charge.metadata):
            return sale
        invoice = self._account.invoices.get(self._invoices.get(charge.payment_intent))
        if invoice is not None:
            return self.of_invoice(invoice).sale
        session = self._sessions.get(charge.payment_intent)
        return self.of_session(session).sale if session else ""

    def _customer(self, customer_id: str | None) -> ObjectOwner:
        customer = self._account.customers.get(customer_id)
        return ObjectOwner("", customer.name or "", customer.email or "") if customer else ObjectOwner()


def _sale(metadata: Metadata) -> str:
    return metadata.get("sale_id", "")
