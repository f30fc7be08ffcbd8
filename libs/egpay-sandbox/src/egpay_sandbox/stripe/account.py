"""Stripe account: stores every object and every event that it ever emitted."""

from collections.abc import Callable
from typing import TypeVar

from egpay_sandbox.clock import Clock
from egpay_sandbox.collection import Collection, HasId
from egpay_sandbox.ids import new_id
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe import objects
from egpay_sandbox.stripe.account_settings import AccountSettings
from egpay_sandbox.stripe.api_errors import missing_resource
from egpay_sandbox.stripe.objects import Cause, Event, ScheduledJob, ScheduledJobKind, StoredObject


class SandboxAccount:
    """Single source of truth: it changes only by `store`, and reports only by `emit`."""

    def __init__(self, sqlite_store: SqliteStore, clock: Clock, settings: AccountSettings) -> None:
        self.clock = clock
        self.settings = settings
        self.cause = Cause()
        self.listeners: list[Callable[[Event], None]] = []
        self.customers = sqlite_store.collection("customers", objects.Customer)
        self.products = sqlite_store.collection("products", objects.Product)
        self.prices = sqlite_store.collection("prices", objects.Price)
        self.sessions = sqlite_store.collection("sessions", objects.CheckoutSession)
        self.portals = sqlite_store.collection("portals", objects.PortalSession)
        self.portal_configurations = sqlite_store.collection(
            "portal_configurations", objects.PortalConfiguration
        )
        self.subscriptions = sqlite_store.collection("subscriptions", objects.Subscription)
        self.invoices = sqlite_store.collection("invoices", objects.Invoice)
        self.invoice_items = sqlite_store.collection("invoice_items", objects.InvoiceItem)
        self.invoice_payments = sqlite_store.collection("invoice_payments", objects.InvoicePayment)
        self.payment_intents = sqlite_store.collection("payment_intents", objects.PaymentIntent)
        self.payment_methods = sqlite_store.collection("payment_methods", objects.PaymentMethod)
        self.charges = sqlite_store.collection("charges", objects.Charge)
        self.refunds = sqlite_store.collection("refunds", objects.Refund)
        self.disputes = sqlite_store.collection("disputes", objects.Dispute)
        self.warnings = sqlite_store.collection("warnings", objects.EarlyFraudWarning)
        self.reviews = sqlite_store.collection("reviews", objects.Review)
        self.credit_notes = sqlite_store.collection("credit_notes", objects.CreditNote)
        self.balance_transactions = sqlite_store.collection(
            "balance_transactions", objects.CustomerBalanceTransaction
        )
        self.coupons = sqlite_store.collection("coupons", objects.Coupon)
        self.deleted_coupons = sqlite_store.collection("deleted_coupons", objects.Coupon)
        self.promotion_codes = sqlite_store.collection("promotion_codes", objects.PromotionCode)
        self.discounts = sqlite_store.collection("discounts", objects.Discount)
        self.events = sqlite_store.collection("events", objects.Event)
        self.endpoints = sqlite_store.collection("endpoints", objects.WebhookEndpoint)
        self.scheduled_jobs = sqlite_store.collection("errands", objects.ScheduledJob)

    def emit(self, event_type: str, stored_object: StoredObject, before: StoredObject | None = None) -> Event:
        """Records an event and passes it to the listeners; its object is frozen, so it stays as it was."""
        event = Event(
            id=new_id("evt"),
            created=self.clock.now(),
            type=event_type,
            stored_object=stored_object,
            before=before,
            cause=self.cause,
        )
        self.events.store(event)
        for listener in self.listeners:
            listener(event)
        return event

    def schedule(self, kind: ScheduledJobKind, subject: str, *, at: float | None = None) -> None:
        """Schedules a job at `at` (Unix seconds), or else a little later than now."""
        due = self.clock.exact() + self.settings.aftermath_delay if at is None else at
        self.scheduled_jobs.store(ScheduledJob(id=f"{kind}:{subject}", due=due, kind=kind, subject=subject))


Row = TypeVar("Row", bound=HasId)


def get_or_404(collection: Collection[Row], row_id: str, param: str | None = None) -> Row:
    """Loads an object or raises Stripe's error.

    It is 404 when the object is the one asked for, 400 when parameter `param` names it.
    """
    row = collection.get(row_id)
    if row is None:
        kind = collection.name.removesuffix("s").replace("session", "checkout.session")
        raise missing_resource(kind, row_id, param or "id", status=400 if param else 404)
    return row
