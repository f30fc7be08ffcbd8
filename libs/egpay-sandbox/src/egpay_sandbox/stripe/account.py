"""One Stripe account: every object it ever made, and everything it ever told."""

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
    """The truth. It only ever changes by `put`, and only ever speaks by `tell`."""

    def __init__(self, diary: SqliteStore, clock: Clock, settings: AccountSettings) -> None:
        self.clock = clock
        self.settings = settings
        self.cause = Cause()
        self.listeners: list[Callable[[Event], None]] = []
        self.customers = diary.shelf("customers", objects.Customer)
        self.products = diary.shelf("products", objects.Product)
        self.prices = diary.shelf("prices", objects.Price)
        self.sessions = diary.shelf("sessions", objects.CheckoutSession)
        self.portals = diary.shelf("portals", objects.PortalSession)
        self.subscriptions = diary.shelf("subscriptions", objects.Subscription)
        self.invoices = diary.shelf("invoices", objects.Invoice)
        self.invoice_payments = diary.shelf("invoice_payments", objects.InvoicePayment)
        self.payment_intents = diary.shelf("payment_intents", objects.PaymentIntent)
        self.payment_methods = diary.shelf("payment_methods", objects.PaymentMethod)
        self.charges = diary.shelf("charges", objects.Charge)
        self.refunds = diary.shelf("refunds", objects.Refund)
        self.disputes = diary.shelf("disputes", objects.Dispute)
        self.events = diary.shelf("events", objects.Event)
        self.endpoints = diary.shelf("endpoints", objects.WebhookEndpoint)
        self.errands = diary.shelf("errands", objects.ScheduledJob)

    def tell(self, event_type: str, thing: StoredObject, before: StoredObject | None = None) -> Event:
        """Record a fact and let the listeners know. The value told is frozen, so it stays what it was."""
        event = Event(
            id=new_id("evt"),
            created=self.clock.now(),
            type=event_type,
            thing=thing,
            before=before,
            cause=self.cause,
        )
        self.events.put(event)
        for listener in self.listeners:
            listener(event)
        return event

    def plan(self, kind: ScheduledJobKind, subject: str, *, at: float | None = None) -> None:
        """Let something happen by itself at `at` (Unix seconds), or else a little later than now."""
        due = self.clock.exact() + self.settings.aftermath_delay if at is None else at
        self.errands.put(ScheduledJob(id=f"{kind}:{subject}", due=due, kind=kind, subject=subject))


Row = TypeVar("Row", bound=HasId)


def sought(shelf: Collection[Row], row_id: str, param: str | None = None) -> Row:
    """The object, or Stripe's refusal: 404 when it is the one asked for, 400 when parameter `param` names it."""
    row = shelf.get(row_id)
    if row is None:
        kind = shelf.name.removesuffix("s").replace("session", "checkout.session")
        raise missing_resource(kind, row_id, param or "id", status=400 if param else 404)
    return row
