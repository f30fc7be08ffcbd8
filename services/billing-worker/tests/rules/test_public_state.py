"""What the product is told of a purchase: the state of each object, under a version that grows."""

import itertools

import msgspec
from purchase_events import (
    INTENT,
    NOON,
    SALE,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from billing_worker.rules.public_state import publish_public_changes
from egpay.domain.account import UserStatus
from egpay.domain.books import Books, Records
from egpay.domain.events import BillingEvent, PaymentRefunded, ShipmentReported, Source
from egpay.domain.public_events import PUBLIC_EVENTS, OrganisationChanged, PublicEvent, object_of
from egpay.domain.shipment import Progress
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import MessageId
from egpay.testing.builders import account

ACTIVE, CANCELED = SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED


def told(ledger: FoldRecorder) -> list[PublicEvent]:
    return [event for outcome in ledger.outcomes for event in outcome.public_events]


def newest(ledger: FoldRecorder) -> dict[str, PublicEvent]:
    """What a reader has who drops what is older than what it knows."""
    known: dict[str, PublicEvent] = {}
    for event in told(ledger):
        name = object_of(event)
        if name not in known or event.version >= known[name].version:
            known[name] = event
    return known


def refunded(total: int, n: int, *, in_full: bool = False) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId(f"evt_refunded_{n}"),
        occurred_at=later(100 + n),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        amount_refunded=total,
        in_full=in_full,
    )


def shipped(progress: Progress, n: int) -> ShipmentReported:
    return ShipmentReported(
        id=MessageId(f"evt_parcel_{n}"),
        occurred_at=later(50 + n),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=progress,
        carrier="An Post",
        tracking_number="AP1",
    )


def bought() -> FoldRecorder:
    return FoldRecorder(a_sale()).hear(
        completed(payment_intent_id=INTENT), changed(ACTIVE), invoice(payment_intent_id=INTENT)
    )


def test_a_purchase_opens_an_organisation_gives_access_is_paid_and_ships() -> None:
    ledger = bought()
    assert ledger.account is not None
    key = ledger.account.organisation.id
    assert {name: event.__struct_config__.tag for name, event in newest(ledger).items()} == {
        f"organisation:{key}": "organisation.opened",
        f"access:{key}": "access.changed",
        f"subscription:{SUBSCRIPTION}": "subscription.changed",
        f"sale:{SALE}": "sale.paid",
        f"shipment:{SALE}": "shipment.changed",
    }
    assert {event.id for event in told(ledger)} == {
        f"public:{object_of(event)}:{event.version}" for event in told(ledger)
    }


def test_versions_grow_and_one_batch_tells_the_newest_of_each_kind_alone() -> None:
    ledger = bought().hear(shipped(Progress.SHIPPED, 1), shipped(Progress.DELIVERED, 2))
    ledger.hear(refunded(1000, 1)).hear(refunded(9900, 2, in_full=True))
    versions: dict[str, list[int]] = {}
    for event in told(ledger):
        versions.setdefault(object_of(event), []).append(event.version)
    assert all(found == sorted(set(found)) for found in versions.values())
    assert versions[f"shipment:{SALE}"] == [1, 3], "shipped and delivered were heard of in one batch"
    assert ledger.sale.public_version == versions[f"sale:{SALE}"][-1] == 3


def test_the_newest_version_says_what_the_books_say_in_every_order() -> None:
    events: tuple[BillingEvent, ...] = (
        completed(payment_intent_id=INTENT),
        changed(ACTIVE),
        invoice(payment_intent_id=INTENT),
        refunded(1000, 1),
        changed(CANCELED, 2, at=later(200)),
        shipped(Progress.SHIPPED, 1),
    )
    for order in itertools.islice(itertools.permutations(events), 0, None, 7):
        ledger = FoldRecorder(a_sale())
        for event in order:
            ledger.hear(event)
        found = newest(ledger)
        sale = facts_of(found[f"sale:{SALE}"])
        assert (sale["gone"], sale["in_full"]) == (1000, False)
        shipment = ledger.pages.shipments[SALE]
        assert facts_of(found[f"shipment:{SALE}"])["status"] == shipment.status
        for key, access in ledger.pages.accesses.items():
            told_access = facts_of(found[f"access:{key}"])
            assert (told_access["access"], told_access["until"]) == (access.level, access.until)
            held = facts_of(found[f"subscription:{SUBSCRIPTION}"])
            assert (held["status"], held["organisation_id"]) == (CANCELED, key)


def facts_of(event: PublicEvent) -> dict[str, object]:
    """All but what tells one change from another."""
    shared = ("id", "occurred_at", "version", "source")
    return {name: getattr(event, name) for name in event.__struct_fields__ if name not in shared}


def test_a_part_that_went_back_is_told_with_its_amount_and_all_of_it_in_full() -> None:
    ledger = bought().hear(refunded(1000, 1))
    part = newest(ledger)[f"sale:{SALE}"]
    assert (part.__struct_config__.tag, facts_of(part)["gone"], facts_of(part)["in_full"]) == (
        "sale.refunded",
        1000,
        False,
    )
    whole = newest(ledger.hear(refunded(9900, 2, in_full=True)))[f"sale:{SALE}"]
    assert (facts_of(whole)["gone"], facts_of(whole)["in_full"], whole.version) == (9900, True, 3)


def test_what_changes_nothing_public_is_not_told() -> None:
    ledger = bought()
    before = len(told(ledger))
    ledger.hear(changed(ACTIVE, 3, at=later(300)), invoice(5, initial=False, at=later(301)))
    ledger.hear(shipped(Progress.ACCEPTED, 1)).hear(shipped(Progress.ACCEPTED, 2))
    news = told(ledger)[before:]
    assert [event.__struct_config__.tag for event in news] == ["shipment.changed"]


def test_a_subscription_without_an_organisation_is_not_told() -> None:
    ledger = FoldRecorder(a_sale()).hear(changed(SubscriptionStatus.INCOMPLETE))
    assert told(ledger) == []


def test_every_kind_of_news_bears_the_word_of_its_object_before_the_point() -> None:
    assert {str(kind.__struct_config__.tag) for kind in PUBLIC_EVENTS} == {
        "organisation.opened",
        "organisation.changed",
        "access.changed",
        "subscription.changed",
        "sale.paid",
        "sale.refunded",
        "shipment.changed",
    }
    for event in told(bought()):
        assert object_of(event).partition(":")[0] == str(event.__struct_config__.tag).partition(".")[0]
        assert event.occurred_at >= NOON


def test_another_or_an_evicted_admin_or_name_is_told_for_each_organisation_as_a_change() -> None:
    owner = account("ada@example.com", opened_by="sub_a")
    told_before = msgspec.structs.replace(owner.organisation, public_version=4)
    entered = msgspec.structs.replace(owner.admin, status=UserStatus.ACTIVE)
    owner = msgspec.structs.replace(owner, organisation=told_before, admin=entered)
    loaded = Records(accounts={told_before.id: owner})
    corrected = msgspec.structs.replace(owner.admin, email="ada.l@example.com")
    changes = {
        "admin": msgspec.structs.replace(owner, admin=corrected),
        "evicted": msgspec.structs.replace(
            owner, admin=msgspec.structs.replace(owner.admin, status=UserStatus.INVITED)
        ),
        "name": msgspec.structs.replace(
            owner, organisation=msgspec.structs.replace(told_before, name="Analytical Engines")
        ),
    }
    for after in changes.values():
        books = publish_public_changes(Books(loaded=loaded).with_account(after), changed(ACTIVE))
        [news] = books.public_events
        assert isinstance(news, OrganisationChanged)
        assert (news.id, news.version) == (f"public:organisation:{told_before.id}:5", 5)
        assert news.user_id == owner.admin.id
        assert books.written.accounts[told_before.id].organisation.public_version == 5
    same = publish_public_changes(Books(loaded=loaded).with_account(owner), changed(ACTIVE))
    assert same.public_events == ()


def test_no_news_has_room_for_a_person() -> None:
    fields = {name for kind in PUBLIC_EVENTS for name in kind.__struct_fields__}
    assert not {
        name for name in fields if any(word in name for word in ("email", "name", "address", "phone"))
    }
