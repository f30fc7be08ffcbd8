"""No letter says what is not true when it is sent, whatever the order of events and commands was."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import pytest

from billing_worker.effects import carry_out
from billing_worker.outbound.context import EffectContext
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.domain.commands import SendLetter, SendPaymentReminder
from egpay.domain.currencies import shown
from egpay.domain.errors import Outage
from egpay.domain.events import Source
from egpay.domain.letters import LetterKind
from egpay.domain.parcels import Tracking
from egpay.domain.payment import Payment
from egpay.domain.refunds import RefundRecord, RefundStatus
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Progress, Shipment
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, SubscriptionId, TotalDetails
from egpay.ports.mail import RecipientRefused
from egpay.ports.payments import OpenInvoice
from egpay.testing.builders import account, moment, order, sale, subscription
from egpay.testing.memory import MemoryInbox, MemorySingleFlight, MemoryStore, memory_unit_of_work
from egpay.testing.world import RecordingMail, RecordingWarehouse, ScriptedPayments

SUBSCRIPTION = SubscriptionId("sub_1")
INVOICE = InvoiceId("in_2")
OWED = OpenInvoice(
    url="https://invoice.test/in_2", amount=1900, currency="eur", next_attempt_at=moment(86_400)
)
LETTERS = JinjaEmailTemplates(
    LetterLinks(storefront_url="https://shop.example", public_url="https://api.example"),
    Seller(name="EG", email="hello@eg.example"),
)


@dataclass
class Office:
    """One sale with its order, an account with a subscription, and the real templates."""

    store: MemoryStore = field(default_factory=MemoryStore)
    mail: RecordingMail = field(default_factory=RecordingMail)
    payments: ScriptedPayments = field(default_factory=ScriptedPayments)
    now: datetime = field(default_factory=moment)
    mails_off: frozenset[LetterKind] = frozenset()
    sale: Sale = field(default_factory=lambda: sale(order(locale="de-AT")))

    def __post_init__(self) -> None:
        ada = account()
        self.store.tables.accounts[ada.organisation.id] = ada
        self.store.tables.orders[self.sale.id] = order(locale="de-AT")
        self.sold()
        self.subscribed()
        self.payments.open_invoices = {INVOICE: OWED}

    def sold(self, **facts: object) -> None:
        self.store.tables.sales[self.sale.id] = msgspec.structs.replace(self.sale, **facts)

    def subscribed(self, **facts: object) -> None:
        known: Subscription = subscription(
            sale_id=self.sale.id, organisation_id=account().organisation.id, welcomed=True
        )
        self.store.tables.subscriptions[SUBSCRIPTION] = msgspec.structs.replace(known, **facts)

    async def send(self, kind: LetterKind, *, key: str | None = None, **about: object) -> None:
        command = SendLetter(
            id=MessageId(key or f"{kind.value}:1"),
            kind=kind,
            occurred_at=moment(1),
            source=Source.STRIPE,
            sale_id=self.sale.id,
            **about,  # type: ignore[arg-type]
        )
        await carry_out(command, self.world)

    async def remind(self, attempt: int = 1) -> None:
        command = SendPaymentReminder(
            id=MessageId(f"reminder:{INVOICE}:{attempt}"),
            occurred_at=moment(1),
            source=Source.STRIPE,
            sale_id=self.sale.id,
            subscription_id=SUBSCRIPTION,
            invoice_id=INVOICE,
            attempt=attempt,
        )
        await carry_out(command, self.world)

    @property
    def world(self) -> EffectContext:
        return EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=self.mail,
            letters=LETTERS,
            warehouse=RecordingWarehouse(),
            payments=self.payments,
            single_flight=MemorySingleFlight(self.store),
            inbox=MemoryInbox(self.store),
            clock=lambda: self.now,
            invitation_token=lambda command, user: f"{command} for {user.email}",
            portal_token=lambda command, key: f"{command} for {key}",
            mail_domain="eg.example",
            mails_off=self.mails_off,
        )

    @property
    def sent(self) -> list[str]:
        """The kinds of what was sent, as the log of e-mails has them."""
        return [one.kind for one in self.store.tables.emails.values() if one.sent_at]


@pytest.fixture
def office() -> Office:
    return Office()


async def test_an_order_is_confirmed_once_in_its_language_with_what_was_paid(office: Office) -> None:
    office.sold(status=SaleStatus.PAID)
    office.store.tables.payments[office.sale.id] = Payment(id=office.sale.id, amount=15000, currency="eur")
    for _ in range(2):
        await office.send(LetterKind.ORDER_CONFIRMATION)
    [letter] = office.mail.letters
    assert letter.to == "ada@example.com"
    assert letter.text.startswith("Guten Tag Ada Lovelace,")
    assert "Summe: 150,00 EUR" in letter.text


async def test_a_pending_payment_is_of_what_the_page_asked_for(office: Office) -> None:
    office.sold(status=SaleStatus.AWAITING_PAYMENT, totals=TotalDetails(discount=1_000))
    await office.send(LetterKind.PAYMENT_PENDING)
    [letter] = office.mail.letters
    asked = shown(office.sale.total - 1_000, "eur").replace(".", ",")
    assert "Rabatt: -10,00 EUR" in letter.text
    assert f"Summe: {asked}" in letter.text


@pytest.mark.parametrize("status", [SaleStatus.REFUNDED, SaleStatus.CANCELLED, SaleStatus.IN_PROGRESS])
async def test_an_order_whose_money_went_back_is_not_confirmed_any_more(
    office: Office, status: SaleStatus
) -> None:
    office.sold(status=status)
    await office.send(LetterKind.ORDER_CONFIRMATION)
    assert office.sent == []


async def test_a_payment_is_called_pending_only_while_it_is(office: Office) -> None:
    for status in (SaleStatus.PAID, SaleStatus.PAYMENT_FAILED, SaleStatus.REFUNDED):
        office.sold(status=status)
        await office.send(LetterKind.PAYMENT_PENDING)
    assert office.sent == []
    office.sold(status=SaleStatus.AWAITING_PAYMENT)
    await office.send(LetterKind.PAYMENT_PENDING)
    assert office.sent == ["payment_pending"]


@pytest.mark.parametrize(
    ("kind", "true", "false"),
    [
        (LetterKind.SHIPPED, Progress.SHIPPED, (Progress.NONE, Progress.FAILED, Progress.DELIVERED)),
        (LetterKind.DELAYED, Progress.FAILED, (Progress.ACCEPTED, Progress.SHIPPED, Progress.DELIVERED)),
    ],
)
async def test_a_letter_about_a_parcel_is_sent_only_while_it_is_so(
    office: Office, kind: LetterKind, true: Progress, false: tuple[Progress, ...]
) -> None:
    known = Shipment(sale_id=office.sale.id, asked=True, carrier="Post", tracking_number="T1")
    for progress in false:
        office.store.tables.shipments[office.sale.id] = known.changed(progress=progress)
        await office.send(kind)
    assert office.sent == []
    office.store.tables.shipments[office.sale.id] = known.changed(progress=true)
    await office.send(kind)
    assert office.sent == [kind.value]


async def test_a_letter_about_a_parcel_has_the_tracking_of_that_parcel(office: Office) -> None:
    sent = Shipment(sale_id=office.sale.id, asked=True)
    for number in ("P1", "P2"):
        tracking = Tracking(carrier="Post", number=f"track-{number}")
        sent = sent.reported(Progress.SHIPPED, moment(1), parcel=number, tracking=tracking)
    office.store.tables.shipments[office.sale.id] = sent.reported(
        Progress.FAILED, moment(9), parcel="P2", tracking=Tracking()
    )
    await office.send(LetterKind.SHIPPED, key="shipped:p2", parcel="1:P2")
    assert office.sent == []
    await office.send(LetterKind.SHIPPED, key="shipped:p1", parcel="1:P1")
    [letter] = office.mail.letters
    assert "track-P1" in letter.text


async def test_a_parcel_that_came_back_may_be_one_that_its_buyer_sent_back(office: Office) -> None:
    sent = Shipment(sale_id=office.sale.id, asked=True).reported(
        Progress.DELIVERED, moment(1), tracking=Tracking()
    )
    office.store.tables.shipments[office.sale.id] = sent.reported(
        Progress.RETURNED, moment(9), tracking=Tracking()
    )
    await office.send(LetterKind.PARCEL_RETURNED, parcel="1:")
    [letter] = office.mail.letters
    assert "selbst zurückgeschickt" in letter.text
    assert "nicht übergeben" not in letter.text


async def test_a_refund_that_failed_or_grew_meanwhile_is_not_reported(office: Office) -> None:
    known = Payment(
        id=office.sale.id, sale_id=office.sale.id, amount=15000, currency="eur", amount_refunded=0
    )
    for amount in (0, 9000):
        office.store.tables.payments[known.id] = msgspec.structs.replace(known, amount_refunded=amount)
        await office.send(LetterKind.REFUNDED, payment_id=known.id, amount=4900)
    assert office.sent == []
    office.store.tables.payments[known.id] = msgspec.structs.replace(known, amount_refunded=4900)
    await office.send(LetterKind.REFUNDED, payment_id=known.id, amount=4900)
    [letter] = office.mail.letters
    assert "49,00 EUR" in letter.text


async def test_a_refund_that_failed_and_the_one_in_its_place_are_told_once_when_both_waited(
    office: Office,
) -> None:
    known = Payment(id=office.sale.id, sale_id=office.sale.id, amount=15000, currency="eur")
    for name, status in (("re_1", RefundStatus.FAILED), ("re_2", RefundStatus.SUCCEEDED)):
        known = known.with_refund(name, RefundRecord(amount=4900, status=status, reported_at=moment(1)))
    office.store.tables.payments[known.id] = known
    for came_back in range(2):
        key = f"refunded:{known.id}:4900:{came_back}"
        await office.send(LetterKind.REFUNDED, key=key, payment_id=known.id, amount=4900)
    assert office.sent == ["refunded"]


async def test_of_refunds_beyond_the_payment_nothing_is_told(office: Office) -> None:
    known = Payment(id=office.sale.id, sale_id=office.sale.id, amount=4900, currency="eur")
    made = RefundRecord(amount=4900, status=RefundStatus.SUCCEEDED, reported_at=moment(1))
    office.store.tables.payments[known.id] = known.with_refund("re_1", made).with_refund("re_2", made)
    await office.send(LetterKind.REFUNDED, payment_id=known.id, amount=4900)
    assert office.sent == []


async def test_the_refund_of_a_renewal_is_told_to_the_admin_of_its_organisation(office: Office) -> None:
    office.store.tables.payments["in_2"] = Payment(
        id="in_2", subscription_id=SUBSCRIPTION, amount=1900, currency="eur", amount_refunded=1900
    )
    await office.send(LetterKind.REFUNDED, payment_id="in_2", amount=1900)
    [letter] = office.mail.letters
    assert letter.to == "ada@example.com"


async def test_what_was_not_all_that_a_buyer_paid_is_not_called_all(office: Office) -> None:
    for name, subscribed in ((office.sale.id, None), ("in_2", SUBSCRIPTION), ("pi_2", None)):
        office.store.tables.payments[name] = Payment(
            id=name,
            sale_id=office.sale.id,
            subscription_id=subscribed,
            amount=1900,
            currency="eur",
            amount_refunded=1900,
            refunded_in_full=True,
        )
        await office.send(LetterKind.REFUNDED, key=f"refunded:{name}", payment_id=name, amount=1900)
    own, *others = office.mail.letters
    assert "19,00 EUR erstattet; das ist alles" in own.text
    assert [(one.to, "bisher haben wir 19,00 EUR" in one.text) for one in others] == [
        ("ada@example.com", True)
    ] * 2


async def test_an_end_that_was_moved_or_taken_back_is_not_announced(office: Office) -> None:
    for facts in (
        {"cancel_at": None},
        {"cancel_at": moment(9)},
        {"cancel_at": moment(60), "status": SubscriptionStatus.CANCELED},
    ):
        office.subscribed(**facts)
        await office.send(LetterKind.SUBSCRIPTION_WILL_END, subscription_id=SUBSCRIPTION, ends_at=moment(60))
    assert office.sent == []
    office.subscribed(cancel_at=moment(60))
    await office.send(LetterKind.SUBSCRIPTION_WILL_END, subscription_id=SUBSCRIPTION, ends_at=moment(60))
    assert office.sent == ["subscription_will_end"]


async def test_an_end_is_told_only_once_it_has_come(office: Office) -> None:
    await office.send(LetterKind.SUBSCRIPTION_ENDED, subscription_id=SUBSCRIPTION)
    assert office.sent == []
    office.subscribed(status=SubscriptionStatus.CANCELED)
    await office.send(LetterKind.SUBSCRIPTION_ENDED, subscription_id=SUBSCRIPTION)
    assert office.sent == ["subscription_ended"]


async def test_a_trial_that_was_ended_prolonged_or_cancelled_is_not_announced(office: Office) -> None:
    trial = {"status": SubscriptionStatus.TRIALING, "current_period_end": moment(60)}
    for facts in (
        {**trial, "status": SubscriptionStatus.ACTIVE},
        {**trial, "current_period_end": moment(90)},
        {**trial, "cancel_at": moment(60)},
        {**trial, "collection_paused": True},
    ):
        office.subscribed(**facts)
        await office.send(LetterKind.TRIAL_ENDS, subscription_id=SUBSCRIPTION, ends_at=moment(60))
    assert office.sent == []
    office.subscribed(**trial)
    await office.send(LetterKind.TRIAL_ENDS, subscription_id=SUBSCRIPTION, ends_at=moment(60))
    assert office.sent == ["trial_ends"]


async def test_a_retry_names_the_day_of_the_next_try(office: Office) -> None:
    await office.remind()
    [letter] = office.mail.letters
    assert "am 24. November 2026 noch einmal" in letter.text
    assert "https://invoice.test/in_2" in letter.text
    assert office.sent == ["payment_retry"]


async def test_while_the_next_try_is_under_way_none_is_announced(office: Office) -> None:
    office.now = moment(86_400)
    await office.remind()
    assert office.sent == []


async def test_where_the_provider_will_not_try_again_one_last_notice_goes_out(office: Office) -> None:
    office.payments.open_invoices = {INVOICE: msgspec.structs.replace(OWED, next_attempt_at=None)}
    for attempt in (3, 4):
        await office.remind(attempt)
    assert office.sent == ["last_notice"]
    [letter] = office.mail.letters
    assert "versuchen es am" not in letter.text


@pytest.mark.parametrize(("due", "kinds"), [(60, []), (0, ["last_notice"])])
async def test_of_an_invoice_that_is_sent_the_due_date_counts(
    office: Office, due: int, kinds: list[str]
) -> None:
    sent = msgspec.structs.replace(OWED, next_attempt_at=None, by_invoice=True, due_at=moment(due))
    office.payments.open_invoices = {INVOICE: sent}
    await office.remind()
    assert office.sent == kinds


async def test_no_one_is_reminded_of_a_subscription_that_has_ended_or_of_a_paid_invoice(
    office: Office,
) -> None:
    office.subscribed(status=SubscriptionStatus.CANCELED)
    await office.remind()
    await office.send(LetterKind.CONFIRM_PAYMENT, subscription_id=SUBSCRIPTION, invoice_id=INVOICE)
    office.subscribed()
    office.payments.open_invoices = {INVOICE: msgspec.structs.replace(OWED, subscription_ended=True)}
    await office.remind()
    office.payments.open_invoices = {}
    await office.remind()
    await office.send(LetterKind.CONFIRM_PAYMENT, subscription_id=SUBSCRIPTION, invoice_id=INVOICE)
    assert office.sent == []


async def test_a_reminder_waits_until_its_subscription_is_heard_of(office: Office) -> None:
    known = office.store.tables.subscriptions.pop(SUBSCRIPTION)
    with pytest.raises(Outage, match="until its subscription is heard of"):
        await office.remind()
    office.store.tables.subscriptions[SUBSCRIPTION] = known
    await office.remind()
    assert office.sent == ["payment_retry"]


async def test_a_payment_is_to_be_confirmed_on_the_page_of_its_invoice(office: Office) -> None:
    await office.send(LetterKind.CONFIRM_PAYMENT, subscription_id=SUBSCRIPTION, invoice_id=INVOICE)
    [letter] = office.mail.letters
    assert "https://invoice.test/in_2" in letter.text


async def test_a_reminder_goes_to_the_customers_address_of_today(office: Office) -> None:
    office.sold(billing_email="old@example.com")
    office.payments.open_invoices = {INVOICE: msgspec.structs.replace(OWED, email="new@example.com")}
    await office.remind()
    assert [letter.to for letter in office.mail.letters] == ["new@example.com"]


async def test_a_billing_address_that_takes_no_mail_is_replaced_by_the_admins(office: Office) -> None:
    office.sold(billing_email="books@example.com")
    office.mail.faults = [RecipientRefused("550")]
    await office.remind()
    assert [letter.to for letter in office.mail.letters] == ["ada@example.com"]
    [logged] = office.store.tables.emails.values()
    assert logged.to == "ada@example.com"
    [entry] = office.store.tables.timeline.values()
    assert entry.what.endswith("to the admin because the address it was for takes no mail")


async def test_an_admin_who_takes_no_mail_is_a_defect_and_is_not_asked_twice(office: Office) -> None:
    office.mail.faults = [RecipientRefused("550")]
    with pytest.raises(RecipientRefused):
        await office.remind()
    assert office.mail.letters == []


async def test_a_kind_that_is_switched_off_is_not_sent_and_leaves_no_trace(office: Office) -> None:
    office.mails_off = frozenset({LetterKind.PAYMENT_RETRY})
    await office.remind()
    assert (office.mail.letters, office.store.tables.emails, office.store.tables.timeline) == ([], {}, {})
