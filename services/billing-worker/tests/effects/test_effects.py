from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from billing_worker.effects import carry_out
from billing_worker.outbound.context import SENDING_LEASE, EffectContext
from egpay.adapters.wire import read_event
from egpay.domain.account import open_account, token_hash
from egpay.domain.commands import (
    CancelShipment,
    ChangeShipment,
    EndSubscription,
    ExpireCheckoutPages,
    ExpireOrderPage,
    HoldShipment,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    ReleaseShipment,
    RenewInvitation,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    ShipDevices,
    TracePayment,
)
from egpay.domain.corrections import CorrectedAddress
from egpay.domain.errors import Defect, Outage, RefusedByProvider, RequestRefused
from egpay.domain.events import (
    DisputeReported,
    OwnerIdentified,
    OwnerUnknown,
    PaymentRefunded,
    Source,
    SubscriptionChanged,
)
from egpay.domain.letters import LetterKind
from egpay.domain.owner import Owner
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.shipment import Progress, Shipment
from egpay.domain.subscription import Subscription, SubscriptionReport, SubscriptionStatus
from egpay.domain.values import (
    Address,
    CustomerId,
    EmailKey,
    InvoiceId,
    MessageId,
    OrganisationId,
    PaymentIntentId,
    SaleId,
    SessionId,
    SubscriptionId,
)
from egpay.ports.invitations import InvitationEnd, RedeemedInvitation
from egpay.ports.payments import OpenInvoice, PaymentTrace
from egpay.testing.builders import moment, order, sale, subscription
from egpay.testing.memory import MemoryInbox, MemorySingleFlight, MemoryStore, memory_unit_of_work
from egpay.testing.memory.store import RequestedLink
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

SUBSCRIPTION = SubscriptionId("sub_1")
INTENT = PaymentIntentId("pi_1")
INVOICE = InvoiceId("in_2")


@dataclass
class Stage:
    """A world of doubles around one sale with its order."""

    store: MemoryStore = field(default_factory=MemoryStore)
    mail: RecordingMail = field(default_factory=RecordingMail)
    warehouse: RecordingWarehouse = field(default_factory=RecordingWarehouse)
    payments: ScriptedPayments = field(default_factory=ScriptedPayments)
    now: datetime = field(default_factory=moment)
    secret: str = "secret"
    letters: PlainLetters = field(default_factory=PlainLetters)
    sale: Sale = field(default_factory=lambda: sale(order()))

    def __post_init__(self) -> None:
        self.store.tables.sales[self.sale.id] = self.sale
        self.store.tables.orders[self.sale.id] = order()

    @property
    def world(self) -> EffectContext:
        return EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=self.mail,
            letters=self.letters,
            warehouse=self.warehouse,
            payments=self.payments,
            single_flight=MemorySingleFlight(self.store),
            inbox=MemoryInbox(self.store),
            clock=lambda: self.now,
            invitation_token=lambda command, user: f"{self.secret}: {command} for {user.email}",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )

    def ship(self, **facts: object) -> None:
        shipment = Shipment(sale_id=self.sale.id, asked=True).changed(**facts)
        self.store.tables.shipments[self.sale.id] = shipment

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.store.tables.timeline.values()]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def introduction(stage: Stage) -> SendIntroduction:
    account = open_account(
        organisation="Analytical Engines",
        name="Ada",
        email="ada@example.com",
        key=EmailKey("ada@example.com"),
        opened_by=SUBSCRIPTION,
    )
    stage.store.tables.accounts[account.organisation.id] = account
    return SendIntroduction(
        id=MessageId(f"introduction:{account.organisation.id}"),
        occurred_at=moment(0),
        source=Source.STRIPE,
        sale_id=stage.sale.id,
        organisation_id=account.organisation.id,
    )


async def test_an_introduction_is_sent_once_with_a_link_whose_hash_alone_is_kept(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    await carry_out(introduction, stage.world)
    [letter] = stage.mail.letters
    assert letter.to == "ada@example.com"
    assert letter.message_id == f"{introduction.id.replace(':', '.')}@eg.example"
    invitation = stage.store.tables.invitations[token_hash(letter.text)]
    assert invitation.expires_at == stage.now + timedelta(days=14)
    assert letter.text not in repr(stage.store.tables)
    assert stage.kinds == ["email.sent"]


@pytest.mark.parametrize("kind", [LetterKind.ORGANISATION_ADDED, LetterKind.ACCOUNT_USED_AGAIN])
async def test_a_known_admin_is_told_once_at_the_address_on_record_and_gets_no_right_to_enter(
    stage: Stage, introduction: SendIntroduction, kind: LetterKind
) -> None:
    told = SendLetter(
        id=MessageId("told:1"),
        kind=kind,
        occurred_at=moment(0),
        source=Source.STRIPE,
        sale_id=stage.sale.id,
        organisation_id=introduction.organisation_id,
    )
    for _ in range(2):
        await carry_out(told, stage.world)
    [letter] = stage.mail.letters
    assert letter.to == "ada@example.com"
    assert {(one.kind, one.organisation) for one in stage.letters.rendered} == {(kind, "Analytical Engines")}
    assert stage.store.tables.invitations == {}
    unknown = msgspec.structs.replace(
        told, id=MessageId("told:2"), organisation_id=OrganisationId("org_unknown")
    )
    with pytest.raises(Defect, match="org_unknown"):
        await carry_out(unknown, stage.world)


async def test_a_letter_that_may_have_left_before_a_crash_leaves_again_with_the_same_link(
    stage: Stage, introduction: SendIntroduction
) -> None:
    stage.mail.faults = [Outage("the mail server went away")]
    with pytest.raises(Outage):
        await carry_out(introduction, stage.world)
    with pytest.raises(Outage) as meanwhile:
        await carry_out(introduction, stage.world)
    assert meanwhile.value.retry_after == SENDING_LEASE.total_seconds()
    stage.now += SENDING_LEASE
    await carry_out(introduction, stage.world)
    [letter] = stage.mail.letters
    [invitation] = stage.store.tables.invitations.values()
    assert invitation.token_hash == token_hash(letter.text)
    assert invitation.expires_at == stage.now + timedelta(days=14)


async def test_when_a_secret_was_rolled_between_two_tries_only_the_newer_link_works(
    stage: Stage, introduction: SendIntroduction
) -> None:
    stage.mail.faults = [Outage("the mail server went away")]
    with pytest.raises(Outage):
        await carry_out(introduction, stage.world)
    stage.now += SENDING_LEASE
    stage.secret = "another"
    await carry_out(introduction, stage.world)
    [letter] = stage.mail.letters
    valid = [one for one in stage.store.tables.invitations.values() if one.expires_at > stage.now]
    assert [one.token_hash for one in valid] == [token_hash(letter.text)]


async def test_an_introduction_that_was_sent_ends_no_later_invitation(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    again = msgspec.structs.replace(introduction, id=MessageId(f"{introduction.id}:again"))
    stage.now += timedelta(days=20)
    await carry_out(again, stage.world)
    before = dict(stage.store.tables.invitations)
    await carry_out(introduction, stage.world)
    assert stage.store.tables.invitations == before
    assert len([one for one in before.values() if one.expires_at > stage.now]) == 1


@pytest.mark.parametrize(
    "refusal", [Outage("451", undone=True), RefusedByProvider("535", status=535), Defect("550")], ids=repr
)
async def test_a_letter_that_was_clearly_refused_is_tried_again_at_once(
    stage: Stage, introduction: SendIntroduction, refusal: Exception
) -> None:
    stage.mail.faults = [refusal, refusal, refusal]
    for _ in range(3):
        with pytest.raises(type(refusal), match=str(refusal)):
            await carry_out(introduction, stage.world)
    await carry_out(introduction, stage.world)
    assert len(stage.mail.letters) == 1


async def test_an_introduction_of_nobody_is_a_defect(stage: Stage, introduction: SendIntroduction) -> None:
    stranger = msgspec.structs.replace(introduction, organisation_id=OrganisationId("org_unknown"))
    with pytest.raises(Defect, match="org_unknown"):
        await carry_out(stranger, stage.world)


def wish(kind: type, stage: Stage, key: str = "key") -> ShipDevices:
    known = {} if kind is SendPaymentFailed else {"revision": 7}
    return kind(  # type: ignore[no-any-return]
        id=MessageId(key), occurred_at=moment(0), source=Source.STRIPE, sale_id=stage.sale.id, **known
    )


async def test_the_warehouse_gets_the_devices_and_the_address_and_nothing_else(stage: Stage) -> None:
    stage.ship()
    await carry_out(wish(ShipDevices, stage, "ship:1"), stage.world)
    await carry_out(wish(ShipDevices, stage, "ship:1"), stage.world)
    [told] = stage.warehouse.orders
    assert [(line.product, line.quantity) for line in told.devices] == [("sensor", 3)]
    assert told.address == order().shipping_address
    assert stage.warehouse.told == {"ship:1": f"ship {stage.sale.id}"}
    assert stage.warehouse.revisions == {"ship:1": 7}


async def test_what_was_overtaken_is_not_told_to_the_warehouse(stage: Stage) -> None:
    stage.ship(cancelled=True)
    await carry_out(wish(ShipDevices, stage), stage.world)
    await carry_out(wish(ReleaseShipment, stage), stage.world)
    stage.ship(held=False)
    await carry_out(wish(HoldShipment, stage), stage.world)
    stage.ship(held=True)
    await carry_out(wish(ReleaseShipment, stage), stage.world)
    stage.ship(cancelled=True, progress=Progress.SHIPPED)
    await carry_out(wish(CancelShipment, stage), stage.world)
    assert stage.warehouse.told == {}


async def test_hold_release_and_cancel_reach_the_warehouse(stage: Stage) -> None:
    stage.ship(held=True)
    await carry_out(wish(HoldShipment, stage, "hold"), stage.world)
    stage.ship()
    await carry_out(wish(ReleaseShipment, stage, "release"), stage.world)
    stage.ship(cancelled=True)
    await carry_out(wish(CancelShipment, stage, "cancel"), stage.world)
    assert list(stage.warehouse.told) == ["hold", "release", "cancel"]
    assert set(stage.warehouse.revisions.values()) == {7}
    assert stage.kinds == ["warehouse.told"] * 3


async def test_the_warehouse_is_told_of_fewer_devices_and_asked_for_no_others(stage: Stage) -> None:
    stage.ship(items={"sensor": 2})
    await carry_out(wish(ChangeShipment, stage, "change"), stage.world)
    await carry_out(wish(ShipDevices, stage, "ship"), stage.world)
    assert [[line.quantity for line in told.devices] for told in stage.warehouse.orders] == [[2], [2]]
    assert list(stage.warehouse.told) == ["change", "ship"]
    stage.ship(items={"sensor": 2}, progress=Progress.SHIPPED)
    await carry_out(wish(ChangeShipment, stage, "late"), stage.world)
    assert "late" not in stage.warehouse.told


async def test_devices_go_where_an_operator_says_and_the_order_stays_as_placed(stage: Stage) -> None:
    address = Address(line1="2 Quay", city="Cork", postal_code="T12", country="IE")
    corrected = msgspec.structs.replace(
        stage.sale, corrected_address=CorrectedAddress(at=moment(5), address=address)
    )
    stage.store.tables.sales[stage.sale.id] = corrected
    stage.ship()
    await carry_out(wish(ChangeShipment, stage, "change"), stage.world)
    await carry_out(wish(ShipDevices, stage, "ship"), stage.world)
    assert [told.address for told in stage.warehouse.orders] == [address, address]
    assert stage.store.tables.orders[stage.sale.id] == order()


async def test_the_page_of_a_cancelled_sale_is_expired_unless_it_is_over(stage: Stage) -> None:
    command = ExpireOrderPage(
        id=MessageId("expire-page"), occurred_at=moment(5), source=Source.OPERATOR, sale_id=stage.sale.id
    )
    await carry_out(command, stage.world)
    assert stage.payments.asked == []
    opened = msgspec.structs.replace(stage.sale, checkout_session_id=SessionId("cs_own"))
    for progress in (SessionProgress.COMPLETED, SessionProgress.EXPIRED, SessionProgress.OPEN):
        sale_now = msgspec.structs.replace(opened, session_progress=progress)
        stage.store.tables.sales[stage.sale.id] = sale_now
        await carry_out(command, stage.world)
    assert (stage.payments.asked, stage.kinds) == (["cs_own"], ["checkout.page_closed"])
    stage.payments.completed.add(SessionId("cs_own"))
    await carry_out(command, stage.world)
    assert stage.kinds == ["checkout.page_closed"]


async def test_a_request_of_an_attempt_that_is_over_is_not_told(stage: Stage) -> None:
    stage.ship(attempts=(moment(5),))
    await carry_out(wish(ShipDevices, stage, "first"), stage.world)
    again = msgspec.structs.replace(wish(ShipDevices, stage, "again"), attempt=2)
    await carry_out(again, stage.world)
    assert list(stage.warehouse.told) == ["again"]
    assert stage.warehouse.orders[0].attempt == 2


async def test_a_warehouse_that_is_away_is_asked_again_later(stage: Stage) -> None:
    stage.ship()
    stage.warehouse.fault = Outage("the warehouse does not answer")
    with pytest.raises(Outage):
        await carry_out(wish(ShipDevices, stage), stage.world)
    assert stage.kinds == []


def a_refund() -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId("evt_refund"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        payment_intent_id=INTENT,
        amount_refunded=100,
        in_full=False,
    )


async def test_a_traced_refund_comes_in_again_with_its_sale(stage: Stage) -> None:
    stage.payments.traces = {INTENT: PaymentTrace(sale_id=stage.sale.id, invoice_id=INVOICE)}
    command = TracePayment(
        id=MessageId("trace:evt_refund"), occurred_at=moment(5), source=Source.STRIPE, waiting=a_refund()
    )
    await carry_out(command, stage.world)
    await carry_out(command, stage.world)
    [message] = stage.store.tables.outbox.values()
    assert read_event(message.payload) == msgspec.structs.replace(
        a_refund(),
        id=MessageId("evt_refund:traced"),
        source=Source.RECONCILE,
        sale_id=stage.sale.id,
        invoice_id=INVOICE,
        traced=True,
    )


async def test_a_payment_of_another_product_comes_in_again_for_the_rules_to_judge(stage: Stage) -> None:
    command = TracePayment(
        id=MessageId("trace:evt_refund"), occurred_at=moment(5), source=Source.STRIPE, waiting=a_refund()
    )
    await carry_out(command, stage.world)
    [message] = stage.store.tables.outbox.values()
    assert read_event(message.payload) == msgspec.structs.replace(
        a_refund(), id=MessageId("evt_refund:traced"), source=Source.RECONCILE, traced=True
    )
    assert stage.kinds == []


async def test_a_contested_subscription_is_reported_anew_by_the_provider(stage: Stage) -> None:
    answer = SubscriptionChanged(
        id=MessageId("reconcile:sub_1:9"),
        occurred_at=moment(9),
        source=Source.RECONCILE,
        subscription_id=SUBSCRIPTION,
        report=SubscriptionReport(status=SubscriptionStatus.ACTIVE),
    )
    stage.payments.subscriptions = {SUBSCRIPTION: answer}
    command = RefreshSubscription(
        id=MessageId("refresh:sub_1:5"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        subscription_id=SUBSCRIPTION,
    )
    with pytest.raises(Outage, match="not over yet"):
        await carry_out(command, stage.world)
    stage.now = moment(10)
    await carry_out(command, stage.world)
    [message] = stage.store.tables.outbox.values()
    answered = msgspec.structs.replace(answer, id=MessageId("refresh:sub_1:5:answered"))
    assert read_event(message.payload) == answered


async def test_the_owner_of_an_outside_subscription_is_kept_and_only_announced(stage: Stage) -> None:
    owner = Owner(
        subscription_id=SUBSCRIPTION,
        organisation="Analytical Engines",
        name="Ada",
        email="ada@example.com",
        email_key=EmailKey("ada@example.com"),
    )
    stage.payments.owners = {SUBSCRIPTION: owner}
    command = IdentifyOwner(
        id=MessageId("owner:sub_1"), occurred_at=moment(5), source=Source.STRIPE, subscription_id=SUBSCRIPTION
    )
    await carry_out(command, stage.world)
    assert stage.store.tables.owners == {SUBSCRIPTION: owner}
    [message] = stage.store.tables.outbox.values()
    assert isinstance(read_event(message.payload), OwnerIdentified)
    assert b"ada@example.com" not in message.payload


async def test_that_the_provider_knows_no_owner_is_an_answer_and_no_failure(stage: Stage) -> None:
    command = IdentifyOwner(
        id=MessageId("owner:sub_9"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        subscription_id=SubscriptionId("sub_9"),
    )
    await carry_out(command, stage.world)
    await carry_out(command, stage.world)
    [message] = stage.store.tables.outbox.values()
    answer = read_event(message.payload)
    assert isinstance(answer, OwnerUnknown)
    assert (answer.id, answer.subscription_id) == ("owner:sub_9:unknown", "sub_9")


async def test_the_buyer_is_told_of_a_failed_payment_unless_it_was_paid_meanwhile(stage: Stage) -> None:
    command = wish(SendPaymentFailed, stage, "payment_failed:cs_1")
    await carry_out(command, stage.world)
    assert stage.mail.letters == []
    failed = msgspec.structs.replace(
        stage.sale, status=SaleStatus.PAYMENT_FAILED, billing_email="accounts@example.com"
    )
    stage.store.tables.sales[SaleId(stage.sale.id)] = failed
    await carry_out(command, stage.world)
    assert [letter.to for letter in stage.mail.letters] == ["ada@example.com"]


async def test_a_reminder_leads_to_the_open_invoice_and_is_not_sent_once_it_is_paid(stage: Stage) -> None:
    stage.store.tables.owners[SUBSCRIPTION] = Owner(
        subscription_id=SUBSCRIPTION,
        organisation="",
        name="Ada",
        email="ada@example.com",
        email_key=EmailKey(""),
    )
    command = SendPaymentReminder(
        id=MessageId("reminder:in_2:1"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        subscription_id=SUBSCRIPTION,
        invoice_id=INVOICE,
        attempt=1,
    )
    await carry_out(command, stage.world)
    assert stage.mail.letters == []
    stage.store.tables.subscriptions[SUBSCRIPTION] = subscription()
    stage.payments.open_invoices = {
        INVOICE: OpenInvoice(
            url="https://invoice.test/in_2", amount=1900, currency="eur", next_attempt_at=moment(9)
        )
    }
    await carry_out(command, stage.world)
    [letter] = stage.mail.letters
    assert letter.text == "https://invoice.test/in_2"


def a_page(stage: Stage, name: str, **changes: Any) -> Sale:
    """Another order of the same e-mail and organisation, with a page of its own."""
    placed = order(devices=7)
    page = sale(placed, **{"checkout_session_id": SessionId(name), **changes})
    stage.store.tables.sales[page.id] = page
    stage.store.tables.orders[page.id] = placed
    return page


async def test_the_other_pages_of_an_organisation_that_subscribed_are_expired(stage: Stage) -> None:
    settled = msgspec.structs.replace(stage.sale, checkout_session_id=SessionId("cs_own"))
    stage.store.tables.sales[settled.id] = settled
    other = a_page(stage, "cs_other", organisation=" ANALYTICAL ")
    a_page(stage, "cs_paid_just_now")
    a_page(stage, "cs_devices", plan=None)
    a_page(stage, "cs_organisation", organisation="Another")
    a_page(stage, "cs_person", email_key=EmailKey("grace@example.com"))
    a_page(stage, "cs_paid", status=SaleStatus.PAID)
    stage.payments.completed.add(SessionId("cs_paid_just_now"))
    command = ExpireCheckoutPages(
        id=MessageId("expire-pages:sub_1"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        sale_id=settled.id,
        subscription_id=SUBSCRIPTION,
        organisation_id=OrganisationId("org_1"),
    )
    await carry_out(command, stage.world)
    assert sorted(stage.payments.asked) == ["cs_other", "cs_paid_just_now"]
    entries = [(entry.sale_id, entry.kind) for entry in stage.store.tables.timeline.values()]
    assert entries == [(other.id, "checkout.page_closed")]


async def test_an_outside_subscription_closes_the_pages_of_its_account(
    stage: Stage, introduction: SendIntroduction
) -> None:
    a_page(stage, "cs_other", organisation="analytical engines")
    command = ExpireCheckoutPages(
        id=MessageId("expire-pages:sub_1"),
        occurred_at=moment(5),
        source=Source.STRIPE,
        subscription_id=SUBSCRIPTION,
        organisation_id=introduction.organisation_id,
    )
    await carry_out(command, stage.world)
    assert stage.payments.asked == ["cs_other"]


async def renew(stage: Stage, token: str, number: int = 1) -> None:
    """A request as checkout-api stores it, carried out twice."""
    command = RenewInvitation(
        id=MessageId(f"renew-invitation:{number}"),
        occurred_at=stage.now,
        source=Source.STOREFRONT,
        token_hash=token_hash(token).hex(),
    )
    for _ in range(2):
        await carry_out(command, stage.world)


async def test_the_holder_of_an_old_link_gets_a_new_one_at_the_address_on_record(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    stage.now += timedelta(days=15)
    await renew(stage, stage.mail.letters[0].text)
    old, new = stage.mail.letters
    assert (new.to, new.text != old.text) == ("ada@example.com", True)
    async with stage.world.begin() as uow:
        assert await uow.invitations.redeem(token_hash(old.text), at=stage.now) is InvitationEnd.EXPIRED
        assert isinstance(
            await uow.invitations.redeem(token_hash(new.text), at=stage.now), RedeemedInvitation
        )


async def test_an_old_link_brings_one_letter_in_ten_minutes(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    [letter] = stage.mail.letters
    await renew(stage, letter.text)
    assert len(stage.mail.letters) == 1
    stage.now += timedelta(minutes=10)
    for number in range(3):
        await renew(stage, letter.text, number)
    assert len(stage.mail.letters) == 2


async def test_an_unknown_token_and_one_whose_admin_has_entered_bring_no_letter(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    [letter] = stage.mail.letters
    stage.now += timedelta(days=1)
    await renew(stage, "a stranger's guess", 1)
    async with stage.world.begin() as uow:
        await uow.invitations.redeem(token_hash(letter.text), at=stage.now)
    await renew(stage, letter.text, 2)
    await carry_out(
        msgspec.structs.replace(introduction, id=MessageId(f"{introduction.id}:again")), stage.world
    )
    assert len(stage.mail.letters) == 1


async def test_a_renewal_whose_letter_may_have_left_sends_the_same_link_again(
    stage: Stage, introduction: SendIntroduction
) -> None:
    await carry_out(introduction, stage.world)
    stage.now += timedelta(days=15)
    stage.mail.faults = [Outage("the mail server went away")]
    with pytest.raises(Outage):
        await renew(stage, stage.mail.letters[0].text)
    stage.now += SENDING_LEASE
    await renew(stage, stage.mail.letters[0].text)
    assert len({letter.token for letter in stage.letters.rendered}) == 2
    assert len(stage.mail.letters) == 2


ADA = EmailKey("ada@example.com")


async def ask_for_a_link(stage: Stage, link: str, key: EmailKey = ADA) -> None:
    """A request as checkout-api stores it, and its command as it is carried out, twice."""
    name = PortalLinkId(link)
    stage.store.tables.portal_links[name] = RequestedLink(key, stage.now)
    command = SendPortalLink(
        id=MessageId(f"portal:{link}"), occurred_at=stage.now, source=Source.STOREFRONT, link_id=name
    )
    for _ in range(2):
        await carry_out(command, stage.world)


def subscribed(stage: Stage, introduction: SendIntroduction) -> None:
    stage.store.tables.subscriptions[SUBSCRIPTION] = Subscription(
        id=SUBSCRIPTION,
        status=SubscriptionStatus.UNPAID,
        reported_at=moment(),
        customer_id=CustomerId("cus_1"),
        organisation_id=introduction.organisation_id,
    )


async def test_a_link_to_the_portal_goes_to_the_address_on_record_once(
    stage: Stage, introduction: SendIntroduction
) -> None:
    subscribed(stage, introduction)
    await ask_for_a_link(stage, "link_1")
    [letter] = stage.mail.letters
    [row] = stage.store.tables.portal_links.values()
    assert (letter.to, row.token_hash) == ("ada@example.com", token_hash(letter.text))
    assert row.expires_at == stage.now + timedelta(minutes=30)
    assert "ada" not in " ".join(entry.what + entry.subject for entry in stage.store.tables.timeline.values())


async def test_an_unknown_email_gets_no_letter_and_its_request_is_forgotten(stage: Stage) -> None:
    await ask_for_a_link(stage, "link_1", EmailKey("stranger@example.com"))
    assert (stage.mail.letters, stage.store.tables.portal_links) == ([], {})


async def test_who_asks_again_and_again_sends_an_owner_one_letter_in_ten_minutes(
    stage: Stage, introduction: SendIntroduction
) -> None:
    subscribed(stage, introduction)
    for number in range(20):
        await ask_for_a_link(stage, f"link_{number}")
    assert len(stage.mail.letters) == 1
    assert list(stage.store.tables.portal_links) == ["link_0"]
    stage.now += timedelta(minutes=10)
    await ask_for_a_link(stage, "link_later")
    assert len(stage.mail.letters) == 2


async def test_an_owner_who_used_a_link_gets_the_next_at_once(
    stage: Stage, introduction: SendIntroduction
) -> None:
    subscribed(stage, introduction)
    await ask_for_a_link(stage, "link_1")
    async with stage.world.begin() as uow:
        assert await uow.portal_links.use(token_hash(stage.mail.letters[0].text), at=stage.now)
    await ask_for_a_link(stage, "link_2")
    assert len(stage.mail.letters) == 2


async def test_what_was_asked_for_a_day_ago_is_deleted(stage: Stage) -> None:
    old = PortalLinkId("link_old")
    stage.store.tables.portal_links[old] = RequestedLink(ADA, stage.now - timedelta(days=1, seconds=1))
    await ask_for_a_link(stage, "link_1", EmailKey("stranger@example.com"))
    assert stage.store.tables.portal_links == {}


def a_dispute(status: str, name: str = "evt_dispute") -> DisputeReported:
    return DisputeReported(
        id=MessageId(name),
        occurred_at=moment(5),
        source=Source.STRIPE,
        payment_intent_id=PaymentIntentId("pi_1"),
        dispute_id="du_1",
        status=status,
    )


async def test_a_tie_of_a_dispute_is_asked_about_once_its_second_is_over(stage: Stage) -> None:
    known = msgspec.structs.replace(a_dispute("lost"), sale_id=stage.sale.id)
    command = RefreshDispute(
        id=MessageId("refresh:du_1:5"), occurred_at=moment(5), source=Source.STRIPE, waiting=known
    )
    stage.payments.disputes = {"du_1": a_dispute("under_review", "reconcile:du_1:9")}
    stage.now = moment(6)
    with pytest.raises(Outage, match="second of the tie"):
        await carry_out(command, stage.world)
    stage.now = moment(10)
    await carry_out(command, stage.world)
    receipt = stage.store.tables.webhook_events[(Source.RECONCILE, MessageId("refresh:du_1:5:answered"))]
    assert isinstance(receipt.event, DisputeReported)
    assert (receipt.event.status, receipt.event.sale_id) == ("under_review", stage.sale.id)
    stage.payments.disputes = {}
    with pytest.raises(Defect, match="does not know dispute du_1"):
        await carry_out(command, stage.world)


@pytest.mark.parametrize(("at_period_end", "how"), [(True, "with its period"), (False, "now")])
async def test_a_subscription_whose_money_is_gone_is_ended_under_one_key(
    stage: Stage, at_period_end: bool, how: str
) -> None:
    command = EndSubscription(
        id=MessageId("end:sub_1:sale_1"),
        occurred_at=moment(0),
        source=Source.STRIPE,
        subscription_id=SUBSCRIPTION,
        at_period_end=at_period_end,
    )
    await carry_out(command, stage.world)
    assert stage.payments.asked == [f"end:sub_1:sale_1: {SUBSCRIPTION} {how}"]
    assert stage.kinds == ["subscription.ending"]


async def test_an_end_that_an_operator_asked_for_and_stripe_refuses_is_a_line_and_a_dead_letter(
    stage: Stage,
) -> None:
    stage.payments.fault = RequestRefused("Stripe: 400", code="resource_locked", request_id="req_1")
    command = EndSubscription(
        id=MessageId("end:sub_1:act_1"),
        occurred_at=moment(0),
        source=Source.OPERATOR,
        subscription_id=SUBSCRIPTION,
        at_period_end=True,
        act=MessageId("act_1"),
    )
    with pytest.raises(Defect):
        await carry_out(command, stage.world)
    [line] = stage.store.tables.timeline.values()
    assert line.what == "act act_1: Stripe does not end it (resource_locked req_1)"
