"""What letters look up at the moment they are sent, over memory and PostgreSQL alike."""

from typing import Any

from egpay.domain.payment import Payment
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import SubscriptionId, email_key
from egpay.testing.builders import account, moment, order, sale, subscription, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

DAY = 86_400


async def test_a_payment_and_a_subscription_are_found_as_they_are_now(storage: Storage) -> None:
    paid = Payment(id="in_1", amount=1900, currency="eur", amount_refunded=900)
    await storage.apply([subscription_changed()], writing(paid, subscription("sub_1")))
    async with storage.begin() as uow:
        assert await uow.letter_facts.payment("in_1") == paid
        assert await uow.letter_facts.payment("in_2") is None
        assert await uow.letter_facts.subscription(SubscriptionId("sub_1")) == subscription("sub_1")
        assert await uow.letter_facts.subscription(SubscriptionId("sub_2")) is None


async def test_the_language_of_a_person_is_that_of_the_newest_order_that_named_one(storage: Storage) -> None:
    async with storage.begin() as uow:
        for at, locale in ((1, "en"), (2, "de-AT"), (3, None)):
            placed = order(locale=locale)
            await uow.sales.add(sale(placed, at=at), placed)
    async with storage.begin() as uow:
        assert await uow.letter_facts.locale(email_key("ada@example.com")) == "de-AT"
        assert await uow.letter_facts.locale(email_key("grace@example.com")) is None


def trial(name: str, ends: float, **changes: Any) -> Any:
    known: dict[str, Any] = {
        "status": SubscriptionStatus.TRIALING,
        "current_period_end": moment(ends),
        "welcomed": True,
        "organisation_id": account().organisation.id,
    }
    return subscription(name, **{**known, **changes})


async def test_trials_that_end_soon_and_go_on_are_found_the_first_to_end_first(storage: Storage) -> None:
    await storage.apply(
        [subscription_changed()],
        writing(
            account(),
            trial("sub_late", 8 * DAY),
            trial("sub_second", 6 * DAY),
            trial("sub_first", 5 * DAY),
            trial("sub_over", -DAY),
            trial("sub_ending", 5 * DAY, cancel_at=moment(5 * DAY)),
            trial("sub_paused", 5 * DAY, collection_paused=True),
            trial("sub_paid", 5 * DAY, status=SubscriptionStatus.ACTIVE),
            trial("sub_closed", 5 * DAY, welcomed=False),
        ),
    )
    async with storage.begin() as uow:
        soon = await uow.letter_facts.trials_ending(after=moment(), before=moment(7 * DAY), most=9)
        one = await uow.letter_facts.trials_ending(after=moment(), before=moment(7 * DAY), most=1)
    assert [each.id for each in soon] == ["sub_first", "sub_second"]
    assert [each.id for each in one] == ["sub_first"]
