"""The catalogue and the sales, over memory and PostgreSQL alike."""

import msgspec
import pytest

from egpay.domain.cancellation import Cancellation
from egpay.domain.errors import Refusal
from egpay.domain.order import PaymentMethod
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import ProductId, SaleId, SessionId, SubscriptionId, TotalDetails
from egpay.ports.payments import CheckoutSession
from egpay.testing.builders import MONITORING, SENSOR, checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

PAGE = CheckoutSession(SessionId("cs_1"), "https://pay.test/c/1#secret", moment(3600))


async def kept(storage: Storage) -> Sale:
    placed = order()
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


async def test_products_keep_the_order_in_which_they_were_added(storage: Storage) -> None:
    async with storage.begin() as uow:
        await uow.products.put([SENSOR, MONITORING])
        dearer = msgspec.structs.replace(SENSOR, unit_amount=5900)
        await uow.products.put([dearer])
        await uow.products.put([])
        assert await uow.products.all() == [dearer, MONITORING]


async def test_only_products_that_exist_are_named(storage: Storage) -> None:
    async with storage.begin() as uow:
        await uow.products.put([SENSOR, MONITORING])
        assert await uow.products.named([SENSOR.id, ProductId("gone")]) == {SENSOR.id: SENSOR}
        assert await uow.products.named([]) == {}


async def test_a_sale_comes_back_with_its_order_as_placed(storage: Storage) -> None:
    placed = order(billing_email="books@example.com", payment=PaymentMethod.INVOICE)
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    async with storage.begin() as uow:
        assert await uow.sales.find(opened.id) == (opened, placed)
        assert await uow.sales.find(SaleId("sale_unknown")) is None


async def test_phone_language_and_totals_come_back_with_the_sale(storage: Storage) -> None:
    placed = order(phone="+44 20 7946 0000", locale="en-GB")
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
    taxed = opened.linked(totals=TotalDetails(discount=5, tax=7)).settled(moment(5))
    await storage.apply([checkout_completed(opened.id)], writing(taxed))
    async with storage.begin() as uow:
        assert await uow.sales.find(opened.id) == (taxed, placed)


async def test_an_order_without_devices_needs_no_address(storage: Storage) -> None:
    placed = order(devices=0, shipping_address=None)
    opened = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(opened, placed)
        assert await uow.sales.find(opened.id) == (opened, placed)


async def test_a_checkout_page_is_remembered(storage: Storage) -> None:
    opened = await kept(storage)
    async with storage.begin() as uow:
        assert await uow.sales.session(opened.id) is None
        await uow.sales.session_opened(opened.id, PAGE)
    async with storage.begin() as uow:
        assert await uow.sales.session(opened.id) == PAGE
        found = await uow.sales.find(opened.id)
        assert found is not None
        assert found[0].checkout_session_id == PAGE.id


async def test_a_page_that_stripe_reported_on_first_keeps_what_it_reported(storage: Storage) -> None:
    opened = await kept(storage)
    completed = opened.session_reached(PAGE.id, SessionProgress.COMPLETED).settled(moment(5))
    await storage.apply([checkout_completed(opened.id)], writing(completed))
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
        found = await uow.sales.find(opened.id)
        assert found is not None
        assert found[0] == completed
        assert await uow.sales.session(opened.id) == PAGE


async def test_another_page_than_the_one_reported_on_is_not_taken(storage: Storage) -> None:
    opened = await kept(storage)
    reported = opened.session_reached(SessionId("cs_first"), SessionProgress.COMPLETED)
    await storage.apply([checkout_completed(opened.id)], writing(reported))
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
        found = await uow.sales.find(opened.id)
        assert found is not None
        assert found[0] == reported
        assert await uow.sales.session(opened.id) is None


async def test_a_page_of_a_later_attempt_takes_the_place_of_a_dead_one(storage: Storage) -> None:
    opened = await kept(storage)
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, PAGE)
    expired = opened.session_reached(PAGE.id, SessionProgress.EXPIRED)
    await storage.apply([checkout_completed(opened.id)], writing(expired))
    second = CheckoutSession(SessionId("cs_2"), "https://pay.test/c/2")
    async with storage.begin() as uow:
        await uow.sales.session_opened(opened.id, second, attempt=2)
    async with storage.begin() as uow:
        found = await uow.sales.find(opened.id)
        assert found is not None
        assert (found[0].session_attempt, found[0].status) == (2, SaleStatus.IN_PROGRESS)
        assert await uow.sales.session(opened.id) == second


async def test_a_sale_that_was_cancelled_takes_no_page(storage: Storage) -> None:
    opened = await kept(storage)
    cancelled = opened.cancelled_by(Cancellation(at=moment(5)))
    await storage.apply([checkout_completed(opened.id)], writing(cancelled))
    with pytest.raises(Refusal, match="cancelled meanwhile"):
        async with storage.begin() as uow:
            await uow.sales.session_opened(opened.id, PAGE)
    async with storage.begin() as uow:
        assert await uow.sales.session(opened.id) is None


async def test_a_page_of_an_unknown_sale_is_nobodys(storage: Storage) -> None:
    async with storage.begin() as uow:
        await uow.sales.session_opened(SaleId("sale_unknown"), PAGE)
        assert await uow.sales.session(SaleId("sale_unknown")) is None


async def test_shipment_and_subscription_of_a_sale_are_found(storage: Storage) -> None:
    opened = await kept(storage)
    shipment = Shipment(
        sale_id=opened.id, asked=True, status=ShipmentStatus.HELD, held=True, reason="dispute", revision=2
    )
    theirs = subscription("sub_theirs", sale_id=opened.id, welcomed=True)
    await storage.apply([checkout_completed(opened.id)], writing(shipment, theirs, subscription("sub_other")))
    async with storage.begin() as uow:
        assert await uow.sales.shipment(opened.id) == shipment
        assert await uow.sales.subscription(opened.id) == theirs
        assert await uow.sales.shipment(SaleId("sale_unknown")) is None
        assert await uow.sales.subscription(SaleId("sale_unknown")) is None


async def test_a_subscription_that_only_the_sale_names_is_found(storage: Storage) -> None:
    opened = await kept(storage)
    named = opened.linked(subscription=SubscriptionId("sub_1"))
    await storage.apply([checkout_completed(opened.id)], writing(named, subscription("sub_1")))
    async with storage.begin() as uow:
        assert await uow.sales.subscription(opened.id) == subscription("sub_1")


async def test_of_several_subscriptions_of_a_sale_one_that_lives_is_found_then_the_one_it_names(
    storage: Storage,
) -> None:
    opened = await kept(storage)
    named = opened.linked(subscription=SubscriptionId("sub_1"))
    first = subscription("sub_1", sale_id=opened.id)
    again = subscription("sub_2", sale_id=opened.id, at=60)
    await storage.apply([checkout_completed(opened.id)], writing(named, first, again))
    async with storage.begin() as uow:
        assert await uow.sales.subscription(opened.id) == first
    ended = subscription("sub_1", sale_id=opened.id, at=90, status=SubscriptionStatus.CANCELED)
    await storage.apply([checkout_completed(opened.id)], writing(ended))
    async with storage.begin() as uow:
        assert await uow.sales.subscription(opened.id) == again
