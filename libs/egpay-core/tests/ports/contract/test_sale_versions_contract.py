"""A sale's version is another number after every change of what its buyer is shown, over memory and PostgreSQL alike."""

import pytest

from egpay.domain.parcels import Progress, Tracking
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import SaleId, SessionId, SubscriptionId
from egpay.ports.payments import CheckoutSession
from egpay.testing.builders import checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

PAGE = CheckoutSession(SessionId("cs_1"), "https://pay.test/c/1#secret", moment(3600))


async def kept(storage: Storage) -> Sale:
    placed = order()
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


async def test_a_version_changes_with_the_sale_its_page_its_subscription_and_its_shipment(
    storage: Storage,
) -> None:
    opened = await kept(storage)
    seen = [(await storage.sale_versions.of([opened.id]))[opened.id]]

    async def changed() -> bool:
        seen.append((await storage.sale_versions.of([opened.id]))[opened.id])
        return seen[-1] > seen[-2]

    assert not await changed()
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
    assert await changed()
    paid = opened.settled(moment(5))
    await storage.apply([checkout_completed(opened.id)], writing(paid))
    assert await changed()
    plan = subscription(status=SubscriptionStatus.ACTIVE, sale_id=opened.id)
    await storage.apply([checkout_completed(opened.id, id="evt_2")], writing(plan))
    assert await changed()
    later = subscription(status=SubscriptionStatus.PAST_DUE, sale_id=opened.id)
    await storage.apply([checkout_completed(opened.id, id="evt_3")], writing(later))
    assert await changed()
    await storage.apply([checkout_completed(opened.id, id="evt_4")], writing(Shipment(sale_id=opened.id)))
    assert await changed()
    shipped = Shipment(sale_id=opened.id).reported(
        Progress.SHIPPED, moment(9), tracking=Tracking(carrier="DHL")
    )
    await storage.apply([checkout_completed(opened.id, id="evt_5")], writing(shipped))
    assert await changed()
    assert not await changed()


async def test_a_version_rises_in_the_commit_of_the_change_and_not_without_it(storage: Storage) -> None:
    opened = await kept(storage)
    before = await storage.sale_versions.of([opened.id])
    with pytest.raises(RuntimeError):
        await stop_midway(storage, opened)
    assert await storage.sale_versions.of([opened.id]) == before
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
        assert await storage.sale_versions.of([opened.id]) == before
    after = await storage.sale_versions.of([opened.id])
    assert after[opened.id] > before[opened.id]


async def stop_midway(storage: Storage, opened: Sale) -> None:
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
        raise RuntimeError


async def test_a_version_changes_once_an_email_of_the_sale_is_sent(storage: Storage) -> None:
    opened = await kept(storage)
    before = (await storage.sale_versions.of([opened.id]))[opened.id]
    async with storage.begin() as uow:
        await uow.emails.claim(
            "introduction:org_1",
            kind="introduction",
            to="ada@example.com",
            subject="Welcome",
            sale_id=opened.id,
            at=moment(1),
            until=moment(60),
        )
        assert not await uow.sales.introduced(opened.id)
    assert (await storage.sale_versions.of([opened.id]))[opened.id] == before
    async with storage.begin() as uow:
        await uow.emails.sent("introduction:org_1", to="ada@example.com", message_id="m1", at=moment(2))
        assert await uow.sales.introduced(opened.id)
    assert (await storage.sale_versions.of([opened.id]))[opened.id] > before


async def test_many_sales_are_one_question_and_an_unknown_one_has_no_version(storage: Storage) -> None:
    opened = await kept(storage)
    found = await storage.sale_versions.of({opened.id, SaleId("sale_unknown")})
    assert set(found) == {opened.id}
    assert await storage.sale_versions.of([]) == {}


async def test_a_subscription_that_the_sale_names_counts_too(storage: Storage) -> None:
    opened = await kept(storage)
    name = SubscriptionId("sub_9")
    await storage.apply(
        [checkout_completed(opened.id)], writing(opened.linked(subscription=name).settled(moment(1)))
    )
    adopted = subscription(name, status=SubscriptionStatus.ACTIVE)
    await storage.apply([checkout_completed(opened.id, id="evt_2")], writing(adopted))
    before = (await storage.sale_versions.of([opened.id]))[opened.id]
    ended = subscription(name, status=SubscriptionStatus.CANCELED)
    await storage.apply([checkout_completed(opened.id, id="evt_3")], writing(ended))
    assert (await storage.sale_versions.of([opened.id]))[opened.id] > before
