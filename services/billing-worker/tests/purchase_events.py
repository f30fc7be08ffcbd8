"""Events of one purchase, as short to write as they are to say."""

from datetime import UTC, datetime, timedelta
from typing import Any

from billing_worker.inbound.fold_batch import fold
from egpay.domain.account import Account
from egpay.domain.books import Records
from egpay.domain.commands import Command, SendLetter
from egpay.domain.events import (
    BillingEvent,
    CheckoutCompleted,
    InvoicePaid,
    Source,
    SubscriptionChanged,
)
from egpay.domain.foreign import Installation, KnownPrice
from egpay.domain.outcome import Outcome
from egpay.domain.sale import Sale
from egpay.domain.subscription import Subscription, SubscriptionReport, SubscriptionStatus
from egpay.domain.values import (
    EmailKey,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    ProductId,
    SaleId,
    SessionId,
    SubscriptionId,
)

SALE = SaleId("sale_one")
SUBSCRIPTION = SubscriptionId("sub_one")
SESSION = SessionId("cs_one")
INVOICE = InvoiceId("in_one")
INTENT = PaymentIntentId("pi_one")
KEY = EmailKey("ada@example.com")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
INSTALLATION = Installation(id="inst_ours", since=NOON - timedelta(days=30))


def later(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_sale(sale_id: SaleId = SALE, **facts: Any) -> Sale:
    known: dict[str, Any] = {
        "organisation": "Analytical Engines",
        "name": "Ada",
        "email": "Ada@example.com",
        "email_key": KEY,
        "device_quantity": 3,
        "plan": ProductId("plan"),
        "total": 9900,
        "currency": "eur",
        "created_at": NOON,
    }
    return Sale(id=sale_id, **{**known, **facts})


def completed(n: int = 1, *, paid: bool = True, at: datetime = NOON, **facts: Any) -> CheckoutCompleted:
    known: dict[str, Any] = {
        "sale_id": SALE,
        "session_id": SESSION,
        "amount": 9900,
        "currency": "eur",
        "subscription_id": SUBSCRIPTION,
        "invoice_id": INVOICE,
    }
    return CheckoutCompleted(
        id=MessageId(f"evt_completed_{n}"),
        occurred_at=at,
        source=Source.STRIPE,
        paid=paid,
        **{**known, **facts},
    )


def changed(
    status: SubscriptionStatus, n: int = 1, *, at: datetime = NOON, quantity: int = 1, **facts: Any
) -> SubscriptionChanged:
    known: dict[str, Any] = {"sale_id": SALE, "subscription_id": SUBSCRIPTION}
    return SubscriptionChanged(
        id=MessageId(f"evt_changed_{status}_{n}"),
        occurred_at=at,
        source=Source.STRIPE,
        report=SubscriptionReport(status=status, quantity=quantity),
        **{**known, **facts},
    )


def invoice(n: int = 1, *, initial: bool = True, at: datetime = NOON, **facts: Any) -> InvoicePaid:
    known: dict[str, Any] = {
        "sale_id": SALE,
        "invoice_id": INVOICE,
        "amount": 9900,
        "currency": "eur",
        "subscription_id": SUBSCRIPTION,
    }
    return InvoicePaid(
        id=MessageId(f"evt_invoice_{n}"),
        occurred_at=at,
        source=Source.STRIPE,
        initial=initial,
        **{**known, **facts},
    )


class FoldRecorder:
    """Pages that live on from batch to batch, and everything that was decided on the way."""

    def __init__(self, *sales: Sale, catalogue: tuple[str, ...] = ()) -> None:
        self.pages = Records(
            sales={sale.id: sale for sale in sales},
            known_prices={name: KnownPrice(id=name, since=INSTALLATION.since) for name in catalogue},
            installations={INSTALLATION.id: INSTALLATION},
        )
        self.outcomes: list[Outcome] = []

    def hear(self, *events: BillingEvent, buyer_email: str | None = None) -> "FoldRecorder":
        emails = {event.id: buyer_email for event in events} if buyer_email else {}
        outcome = fold(events, self.pages, {key: value for key, value in emails.items() if value})
        self.outcomes.append(outcome)
        return self

    @property
    def wanted(self) -> list[str]:
        """The ids of all commands but letters so far, each once, as the outbox keeps them."""
        return [key for key, command in self._commands.items() if not isinstance(command, SendLetter)]

    @property
    def letters(self) -> list[str]:
        """The ids of the letters so far, each once."""
        return [key for key, command in self._commands.items() if isinstance(command, SendLetter)]

    @property
    def _commands(self) -> dict[str, Command]:
        return {command.id: command for outcome in self.outcomes for command in outcome.commands}

    @property
    def parked(self) -> list[str]:
        return [parked.reason for outcome in self.outcomes for parked in outcome.parked]

    @property
    def sale(self) -> Sale:
        return self.pages.sales[SALE]

    @property
    def subscription(self) -> Subscription:
        return self.pages.subscriptions[SUBSCRIPTION]

    @property
    def account(self) -> Account | None:
        return next((one for one in self.pages.accounts.values() if one.admin.email_key == KEY), None)
