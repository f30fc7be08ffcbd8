"""The books, over memory and PostgreSQL alike: what a fold is given, what is kept of what it returns."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest

from egpay.domain.account import open_another
from egpay.domain.books import Records
from egpay.domain.case import Case, CaseCloser, CaseKind, CaseParty
from egpay.domain.commands import ShipDevices
from egpay.domain.disputes import Dispute
from egpay.domain.events import BillingEvent, Source
from egpay.domain.misfit import Misfit, MisfitKind
from egpay.domain.outcome import FailedEvent, Outcome
from egpay.domain.owner import Owner
from egpay.domain.parcels import Tracking
from egpay.domain.payment import Payment
from egpay.domain.refunds import RefundRecord, RefundStatus
from egpay.domain.risk import FraudWarning, RadarReview
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.shipment import Progress, Shipment, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.timeline import Entry
from egpay.domain.values import (
    CustomerId,
    EmailKey,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    ProductId,
    SaleId,
    SessionId,
    SubscriptionId,
)
from egpay.ports.books import BatchResult
from egpay.testing.builders import (
    account,
    checkout_completed,
    invoice_paid,
    moment,
    order,
    payment_refunded,
    receipt,
    sale,
    shipment_reported,
    subscription,
    subscription_changed,
)
from egpay.testing.folds import Record, Watching, leading_to, pages, writing
from egpay.testing.storage import Storage

NOTHING = Outcome(written=Records())


async def sold(storage: Storage, **changes: Any) -> Sale:
    placed = order()
    opened = sale(placed, **changes)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    if changes:
        opened = opened._with(**changes)
        await written(storage, opened)
    return opened


async def added(storage: Storage, **facts: Any) -> Sale:
    """A sale that is stored as it is, without an event about it."""
    stored = sale(order(), **facts)
    async with storage.begin() as uow:
        await uow.sales.add(stored, order())
    return stored


async def written(storage: Storage, *records: Record) -> None:
    await storage.apply([subscription_changed("sub_of_nobody")], writing(*records))


async def seen_by(storage: Storage, *events: BillingEvent) -> Watching:
    watching = Watching()
    await storage.apply(events, watching)
    return watching


async def test_an_event_is_worked_on_once(storage: Storage) -> None:
    event = subscription_changed()
    assert await storage.apply([event], leading_to(NOTHING)) == BatchResult(done=1)
    watching = Watching()
    assert await storage.apply([event], watching) == BatchResult(seen=1)
    assert watching.events == []


async def test_an_event_that_comes_twice_in_a_batch_is_folded_once_and_in_its_place(storage: Storage) -> None:
    first, second = subscription_changed("sub_1"), subscription_changed("sub_2")
    watching = Watching()
    assert await storage.apply([first, second, first], watching) == BatchResult(done=2, seen=1)
    assert watching.events == [first, second]


async def test_an_empty_batch_is_nothing(storage: Storage) -> None:
    assert await storage.apply([], leading_to(NOTHING)) == BatchResult()


async def test_what_was_written_is_loaded_as_it_was(storage: Storage) -> None:
    opened = await sold(storage)
    ada = account()
    changed = opened.linked(
        customer=CustomerId("cus_1"),
        subscription=SubscriptionId("sub_1"),
        invoice=InvoiceId("in_1"),
        payment_intent=PaymentIntentId("pi_1"),
        billing_email="buchhaltung@müller.example",
    ).session_reached(SessionId("cs_1"), SessionProgress.COMPLETED)
    changed = changed.settled(moment(0.25)).refunded_in_full()
    running = subscription(
        sale_id=opened.id,
        quantity=7,
        customer_id=CustomerId("cus_1"),
        current_period_end=moment(86400),
        cancel_at=moment(172800),
        organisation_id=ada.organisation.id,
        contested=True,
        welcomed=True,
    )
    paid = Payment(id=opened.id, sale_id=opened.id, invoice_id=InvoiceId("in_1"))
    paid = paid.settled(16600, "eur", moment(1)).refunded(16600, in_full=True, at=moment(2))
    paid = paid.with_refund(
        "re_1",
        RefundRecord(
            amount=16600,
            status=RefundStatus.FAILED,
            reported_at=moment(3),
            came_back_at=moment(3),
            failure_reason="lost_or_stolen_card",
        ),
    )
    paid = paid.disputed(dispute("du_1", opened.id, "won")).disputed(dispute("du_2", opened.id, "lost"))
    paid = paid.warned_of_fraud("issfr_1", FraudWarning(actionable=True, reported_at=moment(4)))
    paid = paid.reviewed(RadarReview(id="prv_1", payment_id=opened.id, opened_at=moment(5)))
    paid = paid.reviewed(
        RadarReview(
            id="prv_1",
            payment_id=opened.id,
            opened_at=moment(6),
            closed_at=moment(6),
            closed_reason="approved",
        )
    )
    shipped = Shipment(
        sale_id=opened.id,
        asked=True,
        revision=3,
        attempts=(moment(1),),
        items={ProductId("sensor"): 2},
        settled_refund=4900,
        misfit=Misfit(kind=MisfitKind.AMOUNT, subtotal=1, currency="eur"),
    )
    tracking = Tracking(carrier="DHL", number="1", url="https://track.test/1")
    shipped = shipped.reported(Progress.SHIPPED, moment(2), parcel="P1", tracking=tracking)
    shipped = shipped.reported(Progress.RETURNED, moment(3), tracking=Tracking())
    assert shipped.status is ShipmentStatus.RETURNED
    everything = (changed, ada, running, paid, shipped)
    await written(storage, *everything)
    assert (await seen_by(storage, checkout_completed(opened.id))).loaded == pages(*everything)
    await written(storage, *everything)
    assert (await seen_by(storage, checkout_completed(opened.id))).loaded == pages(*everything)


def dispute(name: str, payment_id: str, status: str) -> Dispute:
    return Dispute(
        id=name,
        payment_id=payment_id,
        status=status,
        reported_at=moment(4),
        amount=4900,
        currency="eur",
        due_by=moment(86400),
        took_money=True,
    ).remembering_a_loss()


async def test_payments_of_a_subscription_of_which_nothing_is_left_are_loaded_with_it(
    storage: Storage,
) -> None:
    renewals = [
        Payment(id=f"in_{n}", subscription_id=SubscriptionId("sub_1")).settled(1900, "eur", moment(n))
        for n in (1, 2)
    ]
    gone = renewals[1].refunded(1900, in_full=True, at=moment(3))
    await written(storage, subscription("sub_1"), renewals[0], gone)
    seen = await seen_by(storage, subscription_changed("sub_1"))
    assert seen.loaded.payments == {"in_2": gone}


async def test_a_record_is_replaced_by_its_next_value(storage: Storage) -> None:
    await written(storage, subscription(quantity=1, cancel_at=moment(5)))
    ended = subscription(status=SubscriptionStatus.CANCELED, quantity=2)
    await written(storage, ended)
    assert (await seen_by(storage, subscription_changed())).loaded == pages(ended)


@pytest.mark.parametrize(
    "event",
    [
        subscription_changed("sub_1"),
        invoice_paid("in_1"),
        invoice_paid("in_other", subscription_id=SubscriptionId("sub_1")),
        payment_refunded("pi_1"),
        payment_refunded("pi_other", invoice_id=InvoiceId("in_1")),
    ],
    ids=["subscription", "invoice", "invoice of the subscription", "payment", "invoice of the payment"],
)
async def test_an_event_that_names_no_sale_is_given_the_sale_it_is_about(
    storage: Storage, event: BillingEvent
) -> None:
    opened = await sold(
        storage,
        subscription_id=SubscriptionId("sub_1"),
        invoice_id=InvoiceId("in_1"),
        payment_intent_id=PaymentIntentId("pi_1"),
    )
    await written(storage, account())
    watching = await seen_by(storage, event)
    assert [one.sale_id for one in watching.events] == [opened.id]
    assert watching.loaded == pages(opened, account())


async def test_a_subscription_that_names_its_sale_leads_to_it(storage: Storage) -> None:
    opened = await sold(storage)
    known = subscription(sale_id=opened.id)
    await written(storage, known)
    watching = await seen_by(storage, invoice_paid("in_9", subscription_id=known.id, initial=False))
    assert [one.sale_id for one in watching.events] == [opened.id]
    assert watching.loaded == pages(opened, known)


async def test_a_sale_brings_its_subscription_along(storage: Storage) -> None:
    opened = await sold(storage, subscription_id=SubscriptionId("sub_1"))
    named, naming = subscription("sub_1"), subscription("sub_2", sale_id=opened.id)
    await written(storage, named, naming)
    watching = await seen_by(storage, shipment_reported(opened.id, Progress.ACCEPTED))
    assert watching.loaded == pages(opened, named, naming)


async def test_all_subscriptions_of_an_account_are_at_hand(storage: Storage) -> None:
    first, second = await sold(storage), await sold(storage, plan=None)
    ada = account()
    old = subscription("sub_old", sale_id=first.id, organisation_id=ada.organisation.id)
    await written(storage, ada, old, subscription("sub_other"))
    watching = await seen_by(storage, subscription_changed("sub_new", sale_id=second.id))
    assert watching.loaded == pages(first, second, ada, old)


async def test_all_organisations_of_an_email_are_at_hand_with_their_subscriptions(storage: Storage) -> None:
    opened = await sold(storage)
    first = account()
    second = open_another(
        organisation="Difference Engines", admin=first.admin, opened_by=SubscriptionId("sub_2")
    )
    theirs = [
        subscription(f"sub_{one.organisation.id}", organisation_id=one.organisation.id)
        for one in (first, second)
    ]
    await written(storage, first, *theirs[:1], account("grace@example.com", opened_by="sub_3"))
    await written(storage, second, *theirs[1:])
    watching = await seen_by(storage, subscription_changed("sub_new", sale_id=opened.id))
    assert watching.loaded == pages(opened, first, second, *theirs)


async def test_two_organisations_of_one_email_may_be_opened_in_one_batch(storage: Storage) -> None:
    first = account()
    second = open_another(organisation="Second", admin=first.admin, opened_by=SubscriptionId("sub_2"))
    opened = await sold(storage)
    await written(storage, first, second)
    assert (await seen_by(storage, checkout_completed(opened.id))).loaded == pages(opened, first, second)
    async with storage.begin() as uow:
        assert await uow.accounts.of(second.organisation.id) == second


async def test_a_customer_leads_to_the_organisation_that_holds_it_and_to_its_admins_others(
    storage: Storage,
) -> None:
    first = account()
    second = open_another(organisation="Second", admin=first.admin, opened_by=SubscriptionId("sub_2"))
    held = subscription(customer_id=CustomerId("cus_1"), organisation_id=second.organisation.id)
    await written(storage, first, second, held)
    made = subscription_changed("sub_made")
    made = msgspec.structs.replace(
        made, report=msgspec.structs.replace(made.report, customer_id=CustomerId("cus_1"))
    )
    assert (await seen_by(storage, made)).loaded == pages(first, second, held)


async def test_devices_that_were_paid_for_before_their_account_was_opened_are_linked_with_it(
    storage: Storage,
) -> None:
    ada = account()
    named = {"plan": None, "paid_at": moment(1), "status": SaleStatus.PAID}
    mine = await added(storage, organisation=" ANALYTICAL ", **named)
    not_linked = [
        await added(storage, organisation="Another", **named),
        await added(storage, plan=None),
        await added(storage, paid_at=moment(1), status=SaleStatus.PAID),
        await added(storage, email_key=EmailKey("grace@example.com"), **named),
    ]
    await written(storage, ada)
    async with storage.begin() as uow:
        for each, organisation in [(mine, ada.organisation.id), *((one, None) for one in not_linked)]:
            found = await uow.sales.find(each.id)
            assert found is not None
            assert found[0].organisation_id == organisation


async def test_what_the_rules_write_on_a_sale_is_not_overwritten_as_its_account_is_opened(
    storage: Storage,
) -> None:
    opened = await added(storage, plan=None, paid_at=moment(1), status=SaleStatus.PAID)
    changed = opened.refunded_in_full()
    await storage.apply([checkout_completed(opened.id)], writing(account(), changed))
    async with storage.begin() as uow:
        found = await uow.sales.find(opened.id)
    assert found is not None
    assert found[0] == changed


async def test_the_owner_of_a_subscription_that_no_sale_began_leads_to_the_account(storage: Storage) -> None:
    ada = account()
    owner = Owner(
        subscription_id=SubscriptionId("sub_1"),
        organisation="Analytical",
        name="Ada Lovelace",
        email="Ada@example.com",
        email_key=ada.admin.email_key,
    )
    await written(storage, ada)
    async with storage.begin() as uow:
        await uow.owners.put(msgspec.structs.replace(owner, name="?"))
        await uow.owners.put(owner)
    watching = await seen_by(storage, subscription_changed("sub_1"))
    assert watching.loaded == msgspec.structs.replace(pages(ada), owners={owner.subscription_id: owner})


async def test_a_refund_of_a_renewal_is_not_taken_for_the_sales_own(storage: Storage) -> None:
    opened = await sold(storage)
    running = subscription(sale_id=opened.id)
    renewal = Payment(
        id="in_9",
        sale_id=opened.id,
        subscription_id=running.id,
        invoice_id=InvoiceId("in_9"),
        payment_intent_id=PaymentIntentId("pi_9"),
    )
    await written(storage, running, renewal)
    watching = await seen_by(storage, payment_refunded("pi_9"))
    assert [one.sale_id for one in watching.events] == [None]
    assert watching.loaded == pages(opened, running, renewal)


async def test_the_sales_own_payment_leads_to_the_sale(storage: Storage) -> None:
    opened = await sold(storage)
    own = Payment(id=opened.id, sale_id=opened.id, payment_intent_id=PaymentIntentId("pi_1"))
    await written(storage, own)
    watching = await seen_by(storage, payment_refunded("pi_1"))
    assert [one.sale_id for one in watching.events] == [opened.id]
    assert watching.loaded == pages(opened, own)


async def test_nothing_is_loaded_of_what_the_batch_does_not_touch(storage: Storage) -> None:
    await sold(storage, subscription_id=SubscriptionId("sub_other"))
    await written(storage, subscription("sub_other"), Payment(id="in_other"), account())
    watching = await seen_by(storage, subscription_changed("sub_1"), payment_refunded("pi_1"), invoice_paid())
    assert watching.loaded == Records()


async def test_an_event_about_a_sale_that_is_not_ours_finds_no_sale(storage: Storage) -> None:
    stranger = SaleId("sale_stranger")
    watching = await seen_by(storage, checkout_completed(stranger))
    assert watching.loaded == Records()
    assert [one.sale_id for one in watching.events] == [stranger]


async def test_what_is_written_on_a_sale_that_is_not_ours_is_not_kept(storage: Storage) -> None:
    stranger = sale()
    await storage.apply([checkout_completed(stranger.id)], writing(stranger))
    async with storage.begin() as uow:
        assert await uow.sales.find(stranger.id) is None


async def test_what_the_buyer_typed_at_checkout_is_at_hand(storage: Storage) -> None:
    opened = await sold(storage)
    told, silent = checkout_completed(opened.id), checkout_completed(opened.id)
    await storage.inbox.record_many([receipt(told, buyer_email="billing@example.com"), receipt(silent)])
    assert (await seen_by(storage, told, silent)).buyer_emails == {told.id: "billing@example.com"}


async def test_commands_and_timeline_are_kept_with_the_records(storage: Storage) -> None:
    opened = await sold(storage)
    ship = ShipDevices(
        id=MessageId(f"shipment:{opened.id}"), occurred_at=moment(), source=Source.STRIPE, sale_id=opened.id
    )
    entry = Entry(subject=opened.id, at=moment(), kind="sale.paid", what="paid", cause=MessageId("evt_x"))
    outcome = Outcome(written=Records(), commands=(ship,), entries=(entry, entry))
    for _ in range(2):
        await storage.apply([checkout_completed(opened.id)], leading_to(outcome))
    async with storage.begin() as uow:
        assert await uow.timeline.of(opened.id) == [entry] * 4
    subjects: list[str] = []

    async def publish(messages: object) -> None:
        subjects.extend(message.subject for message in messages)  # type: ignore[attr-defined]

    assert await storage.outbox.drain_once(publish) == 1
    assert subjects == ["billing.commands.ship_devices"]


def case_of(subject: str, **facts: Any) -> Case:
    given = {
        "kind": CaseKind.RETURN,
        "what": "it must come back",
        "todo": "ask for it",
        "opened_at": moment(),
    }
    return Case(id=f"return:{subject}", subject=subject, **{**given, **facts})


async def test_a_case_is_loaded_with_every_object_that_it_may_be_about(storage: Storage) -> None:
    opened, ada = await sold(storage), account()
    running = subscription(sale_id=opened.id, organisation_id=ada.organisation.id)
    await written(storage, ada, running)
    subjects = (opened.id, running.id, ada.organisation.id)
    about = [case_of(subject) for subject in subjects]
    about.append(case_of("re_1", sale_id=opened.id))
    await written(storage, *about, case_of("sub_of_another"))
    loaded = (await seen_by(storage, subscription_changed(running.id))).loaded
    assert loaded.cases == {case.id: case for case in about}
    of_invoice = case_of("in_9")
    await written(storage, of_invoice)
    renewal = invoice_paid("sub_9", invoice_id=InvoiceId("in_9"))
    assert (await seen_by(storage, renewal)).loaded.cases == {of_invoice.id: of_invoice}


async def test_a_case_of_the_second_organisation_of_an_admin_is_loaded(storage: Storage) -> None:
    opened, first = await sold(storage), account()
    second = open_another(organisation="Second", admin=first.admin, opened_by=SubscriptionId("sub_2"))
    await written(storage, first, second)
    about = case_of(second.organisation.id)
    await written(storage, about)
    assert (await seen_by(storage, checkout_completed(opened.id))).loaded.cases == {about.id: about}


async def test_a_changed_case_replaces_the_stored_one(storage: Storage) -> None:
    case = case_of("sub_1", weight=100, about=("a", "b"), due_by=moment(60), waits_for=CaseParty.BANK)
    case = case.snoozed(moment(30), "the carrier looks for it")
    await written(storage, case)
    assert (await seen_by(storage, subscription_changed("sub_1"))).loaded.cases == {case.id: case}
    closed = case.closed(moment(90), CaseCloser.PERSON, "it is back")
    await written(storage, closed)
    assert (await seen_by(storage, subscription_changed("sub_1"))).loaded.cases == {case.id: closed}


async def test_a_fold_that_parks_one_event_saves_the_others(storage: Storage) -> None:
    good, bad = subscription_changed("sub_1"), subscription_changed("sub_2")
    parked = FailedEvent(event=bad, reason="Defect: unknown plan", trace="line 1")
    outcome = Outcome(written=pages(subscription("sub_1")), parked=(parked,))
    assert await storage.apply([good, bad], leading_to(outcome)) == BatchResult(done=1, parked=(bad.id,))
    [letter] = await storage.lying_aside()
    assert (letter.message_id, letter.subject) == (bad.id, "billing.events.subscription_changed")
    assert (letter.reason, letter.trace, letter.attempts) == ("Defect: unknown plan", "line 1", 1)
    assert (await seen_by(storage, subscription_changed("sub_1"))).loaded == pages(subscription("sub_1"))
    assert await storage.apply([good, bad], leading_to(NOTHING)) == BatchResult(seen=2)


async def test_a_fold_that_raises_leaves_no_trace(storage: Storage) -> None:
    event = subscription_changed()

    def broken(
        events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]
    ) -> Outcome:
        raise KeyError

    with pytest.raises(KeyError):
        await storage.apply([event], broken)
    assert await storage.apply([event], leading_to(NOTHING)) == BatchResult(done=1)
