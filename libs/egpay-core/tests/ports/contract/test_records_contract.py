"""Accounts, timeline and commands, over memory and PostgreSQL alike."""

import asyncio

import pytest

from egpay.domain.account import open_another
from egpay.domain.commands import SendIntroduction, ShipDevices
from egpay.domain.events import Source
from egpay.domain.owner import Owner
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, MessageId, OrganisationId, SaleId, SubscriptionId
from egpay.ports.outbox import OutboxMessage
from egpay.ports.storage import Payer, UnitOfWork
from egpay.testing.builders import account, moment, order, sale, subscription, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

ADA = EmailKey("ada@example.com")


async def live(uow: UnitOfWork, key: EmailKey) -> list[str]:
    return [one.id for one in await uow.accounts.live_subscriptions(key)]


async def test_an_account_is_found_by_its_organisation(storage: Storage) -> None:
    ada = account()
    await storage.apply([subscription_changed()], writing(ada))
    async with storage.begin() as uow:
        assert await uow.accounts.of(ada.organisation.id) == ada
        assert await uow.accounts.of(OrganisationId("org_unknown")) is None


@pytest.mark.parametrize(
    ("status", "stands_in_the_way"),
    [(status, status.value in ("active", "trialing", "past_due", "unpaid")) for status in SubscriptionStatus],
)
async def test_a_subscription_of_the_organisation_that_goes_on_is_found_by_email(
    storage: Storage, status: SubscriptionStatus, stands_in_the_way: bool
) -> None:
    ada = account()
    theirs = subscription(status=status, organisation_id=ada.organisation.id)
    await storage.apply([subscription_changed()], writing(ada, theirs))
    async with storage.begin() as uow:
        assert await live(uow, ADA) == ([theirs.id] if stands_in_the_way else [])
        assert await live(uow, EmailKey("grace@example.com")) == []


async def test_a_subscription_of_a_paid_sale_is_found_before_anybody_was_welcomed(storage: Storage) -> None:
    first, second = sale().settled(moment(1)), sale(plan=None)
    async with storage.begin() as uow:
        await uow.sales.add(first, order())
        await uow.sales.add(second, order())
    by_sale = subscription("sub_a", sale_id=first.id)
    await storage.apply([subscription_changed("sub_a", sale_id=first.id)], writing(by_sale))
    async with storage.begin() as uow:
        assert await live(uow, ADA) == [by_sale.id]
    named_by_sale = subscription("sub_b", at=5)
    linked = second.linked(subscription=SubscriptionId("sub_b"))
    await storage.apply([subscription_changed("sub_b", sale_id=second.id)], writing(named_by_sale, linked))
    async with storage.begin() as uow:
        assert await live(uow, ADA) == [named_by_sale.id, by_sale.id]


async def test_each_subscription_that_goes_on_is_named_after_its_organisation(storage: Storage) -> None:
    first = account()
    second = open_another(organisation="Second", admin=first.admin, opened_by=SubscriptionId("sub_2"))
    bought = sale(organisation="Third").settled(moment(1))
    async with storage.begin() as uow:
        await uow.sales.add(bought, order())
    theirs = (
        subscription("sub_1", at=3, organisation_id=first.organisation.id),
        subscription("sub_2", at=2, organisation_id=second.organisation.id),
        subscription("sub_3", at=1, sale_id=bought.id),
    )
    await storage.apply([subscription_changed()], writing(first, second, *theirs))
    async with storage.begin() as uow:
        found = await uow.accounts.live_subscriptions(ADA)
        assert sorted(await uow.accounts.organisations_of(ADA)) == ["Analytical", "Second"]
        assert await uow.accounts.organisations_of(EmailKey("grace@example.com")) == []
    assert [(one.id, one.sale_id, one.organisation) for one in found] == [
        ("sub_1", None, "Analytical"),
        ("sub_2", None, "Second"),
        ("sub_3", bought.id, "Third"),
    ]


async def test_an_account_without_a_subscription_has_none(storage: Storage) -> None:
    await storage.apply([subscription_changed()], writing(account(), subscription()))
    async with storage.begin() as uow:
        assert await live(uow, ADA) == []


async def test_a_subscription_whose_end_was_asked_for_stands_in_nobodys_way(storage: Storage) -> None:
    ada = account()
    ending = subscription(organisation_id=ada.organisation.id, cancel_at=moment(60))
    await storage.apply([subscription_changed()], writing(ada, ending))
    async with storage.begin() as uow:
        assert await live(uow, ADA) == []


ADMIN = {"name": "Ada Lovelace", "admin": "ada@example.com", "organisation": "Analytical"}


async def test_who_pays_is_known_from_the_sale_or_else_from_the_provider(storage: Storage) -> None:
    plain, billed = sale(), sale(plan=None, billing_email="books@example.com")
    async with storage.begin() as uow:
        await uow.sales.add(plain, order())
        await uow.sales.add(billed, order(locale="de-AT"))
        await uow.owners.put(
            Owner(
                subscription_id=SubscriptionId("sub_c"),
                organisation="Fleet",
                name="Grace Hopper",
                email="grace@example.com",
                email_key=EmailKey("grace@example.com"),
            )
        )
    known = subscription("sub_a", sale_id=plain.id), subscription("sub_b", sale_id=billed.id)
    await storage.apply([subscription_changed()], writing(*known))
    async with storage.begin() as uow:
        asked = [await uow.owners.payer(SubscriptionId(f"sub_{one}")) for one in "abcd"]
    assert asked == [
        Payer(**ADMIN, email="ada@example.com"),
        Payer(**ADMIN, email="books@example.com", locale="de-AT"),
        Payer(
            name="Grace Hopper", email="grace@example.com", admin="grace@example.com", organisation="Fleet"
        ),
        None,
    ]


async def test_a_timeline_is_read_oldest_first(storage: Storage) -> None:
    mine = SaleId("sale_mine")
    late = Entry(subject="sub_1", at=moment(9), kind="subscription.active", what="it runs", sale_id=mine)
    early = Entry(subject=mine, at=moment(1), kind="sale.opened", what="an order", cause=MessageId("evt_1"))
    same = Entry(subject=mine, at=moment(1), kind="sale.paid", what="money", sale_id=mine)
    other = Entry(subject="sale_other", at=moment(2), kind="sale.opened", what="another order")
    async with storage.begin() as uow:
        await uow.timeline.note()
        await uow.timeline.note(late, early, other)
        await uow.timeline.note(same)
    async with storage.begin() as uow:
        assert await uow.timeline.of(mine) == [early, same, late]


async def test_a_command_is_put_once_however_often_it_is_decided(storage: Storage) -> None:
    ship = ShipDevices(
        id=MessageId("shipment:sale_1"), occurred_at=moment(), source=Source.STRIPE, sale_id=SaleId("sale_1")
    )
    greet = SendIntroduction(
        id=MessageId("introduction:org_1"),
        occurred_at=moment(),
        source=Source.STRIPE,
        organisation_id=OrganisationId("org_1"),
    )

    async def decide() -> None:
        async with storage.begin() as uow:
            await uow.commands.put()
            await uow.commands.put(ship, greet)

    await asyncio.gather(decide(), decide())
    published: list[OutboxMessage] = []

    async def publish(messages: object) -> None:
        published.extend(messages)  # type: ignore[arg-type]

    assert await storage.outbox.drain_once(publish) == 2
    assert [message.subject for message in published] == [
        "billing.commands.ship_devices",
        "billing.commands.send_introduction",
    ]
