"""What is set aside as foreign, over memory and PostgreSQL alike: kept by its ids, loaded with them, taken back."""

from egpay.domain.books import Records
from egpay.domain.events import BillingEvent, CustomerChanged, Source
from egpay.domain.foreign import NOTHING_OF_OURS, ForeignEvent, objects_of
from egpay.domain.outcome import Outcome
from egpay.domain.values import CustomerId, MessageId, SubscriptionId
from egpay.testing.builders import account, invoice_paid, moment, subscription, subscription_changed
from egpay.testing.folds import Watching, leading_to, pages, writing
from egpay.testing.storage import Storage


def foreign(event: BillingEvent) -> ForeignEvent:
    return ForeignEvent(id=event.id, about=objects_of(event), reason=NOTHING_OF_OURS, event=event)


async def seen_by(storage: Storage, event: BillingEvent) -> Records:
    watching = Watching()
    await storage.apply([event], watching)
    return watching.loaded


async def test_a_foreign_event_is_loaded_with_every_id_that_it_names(storage: Storage) -> None:
    event = invoice_paid("in_7", subscription_id=SubscriptionId("sub_7"))
    aside = foreign(event)
    result = await storage.apply([event], leading_to(Outcome(written=Records(foreign={event.id: aside}))))
    assert result.foreign == ("invoice_paid",)
    assert (await seen_by(storage, subscription_changed("sub_7"))).foreign == {event.id: aside}
    assert (await seen_by(storage, invoice_paid("in_7"))).foreign == {event.id: aside}
    assert (await seen_by(storage, subscription_changed("sub_8"))).foreign == {}


async def test_what_is_taken_back_is_not_set_aside_any_more(storage: Storage) -> None:
    event = invoice_paid("in_7", subscription_id=SubscriptionId("sub_7"))
    await storage.apply([event], leading_to(Outcome(written=Records(foreign={event.id: foreign(event)}))))
    back = Outcome(written=Records(), readmitted=(event.id,))
    await storage.apply([subscription_changed("sub_7")], leading_to(back))
    assert (await seen_by(storage, subscription_changed("sub_7"))).foreign == {}


async def test_the_same_event_is_set_aside_once(storage: Storage) -> None:
    event = invoice_paid("in_7")
    outcome = Outcome(written=Records(foreign={event.id: foreign(event)}))
    await storage.apply([event], leading_to(outcome))
    await storage.apply([invoice_paid("in_8")], leading_to(outcome))
    assert list((await seen_by(storage, invoice_paid("in_7"))).foreign) == [event.id]


async def test_the_account_that_holds_a_customer_is_at_hand(storage: Storage) -> None:
    ada = account()
    running = subscription(customer_id=CustomerId("cus_1"), organisation_id=ada.organisation.id)
    await storage.apply([subscription_changed("sub_1")], writing(ada, running))
    made = subscription_changed("sub_2")
    report = type(made.report)(status=made.report.status, customer_id=CustomerId("cus_1"))
    news = type(made)(
        id=MessageId("evt_made"),
        occurred_at=made.occurred_at,
        source=made.source,
        subscription_id=made.subscription_id,
        report=report,
    )
    assert await seen_by(storage, news) == pages(ada, running)


def changed_customer(name: str) -> CustomerChanged:
    return CustomerChanged(
        id=MessageId(f"evt_{name}"), occurred_at=moment(9), source=Source.STRIPE, customer_id=CustomerId(name)
    )


async def test_the_subscriptions_of_a_changed_customer_are_at_hand(storage: Storage) -> None:
    waiting = subscription(customer_id=CustomerId("cus_1"), owner_unknown=True)
    await storage.apply([subscription_changed("sub_1")], writing(waiting))
    assert await seen_by(storage, changed_customer("cus_1")) == pages(waiting)
    assert await seen_by(storage, changed_customer("cus_2")) == pages()


async def test_a_foreign_customer_is_not_set_aside_because_nothing_could_take_it_back(
    storage: Storage,
) -> None:
    event = changed_customer("cus_9")
    outcome = Outcome(written=Records(foreign={event.id: foreign(event)}))
    assert (await storage.apply([event], leading_to(outcome))).foreign == ("customer_changed",)
    assert (await seen_by(storage, invoice_paid("in_7"))).foreign == {}
