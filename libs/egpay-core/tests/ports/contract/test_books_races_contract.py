"""Several workers at once, over memory and PostgreSQL alike: nothing is done twice, lost, or waited for for ever."""

import asyncio
from collections.abc import Iterable
from itertools import chain

import msgspec

from egpay.domain.books import Records
from egpay.domain.events import BillingEvent, SubscriptionChanged
from egpay.domain.payment import Payment
from egpay.domain.values import EmailKey, InvoiceId, SaleId
from egpay.testing.builders import (
    account,
    invoice_paid,
    order,
    sale,
    subscription,
    subscription_changed,
)
from egpay.testing.folds import Record, Watching, changing
from egpay.testing.storage import Storage


def counting(event: BillingEvent, now: Records) -> Iterable[Record]:
    """Every event adds one to its subscription; the first makes it."""
    assert isinstance(event, SubscriptionChanged)
    known = now.subscriptions.get(event.subscription_id)
    if known is None:
        return [subscription(event.subscription_id, sale_id=event.sale_id, quantity=1)]
    return [msgspec.structs.replace(known, quantity=known.quantity + 1)]


async def quantities(storage: Storage, names: Iterable[str]) -> list[int]:
    watching = Watching()
    await storage.apply([subscription_changed(name) for name in names], watching)
    return [one.quantity for one in watching.loaded.subscriptions.values()]


async def test_batches_that_touch_the_same_records_in_other_orders_lose_no_update(storage: Storage) -> None:
    names = [f"sub_{number}" for number in range(12)]
    batches = [
        [subscription_changed(name) for name in (names if turn % 2 else reversed(names))]
        for turn in range(12)
    ]
    applied = await asyncio.gather(*(storage.apply(batch, changing(counting)) for batch in batches))
    assert sum(one.done for one in applied) == 144
    assert await quantities(storage, names) == [12] * 12


async def test_events_that_reach_several_workers_are_folded_once(storage: Storage) -> None:
    names = [f"sub_{number}" for number in range(20)]
    events = [subscription_changed(name) for name in names]
    batches = [events, events[::-1], events[10:] + events[:10], events]
    applied = await asyncio.gather(*(storage.apply(batch, changing(counting)) for batch in batches))
    assert (sum(one.done for one in applied), sum(one.seen for one in applied)) == (20, 60)
    assert await quantities(storage, names) == [1] * 20


async def test_a_subscription_nobody_knew_is_made_by_one_and_changed_by_the_others(storage: Storage) -> None:
    events = [subscription_changed("sub_new") for _ in range(8)]
    await asyncio.gather(*(storage.apply([event], changing(counting)) for event in events))
    assert await quantities(storage, ["sub_new"]) == [8]


async def test_a_renewal_nobody_knew_is_made_by_one_and_changed_by_the_others(storage: Storage) -> None:
    def adding(_: BillingEvent, now: Records) -> Iterable[Record]:
        known = now.payments.get("in_9") or Payment(id="in_9", invoice_id=InvoiceId("in_9"))
        return [msgspec.structs.replace(known, amount=known.amount + 1)]

    events = [invoice_paid("in_9", initial=False) for _ in range(8)]
    await asyncio.gather(*(storage.apply([event], changing(adding)) for event in events))
    watching = Watching()
    await storage.apply([invoice_paid("in_9")], watching)
    assert [payment.amount for payment in watching.loaded.payments.values()] == [8]


async def test_two_sales_to_one_person_found_one_account(storage: Storage) -> None:
    first, second = sale(), sale(plan=None)
    async with storage.begin() as uow:
        await uow.sales.add(first, order())
        await uow.sales.add(second, order())
    founded: list[str] = []

    def welcoming(event: BillingEvent, now: Records) -> Iterable[Record]:
        assert isinstance(event, SubscriptionChanged)
        if any(one.admin.email_key == EmailKey("ada@example.com") for one in now.accounts.values()):
            return []
        founded.append(event.subscription_id)
        return [account(opened_by=event.subscription_id)]

    def report(sale_id: SaleId, number: int) -> SubscriptionChanged:
        return subscription_changed(f"sub_{number}", sale_id=sale_id)

    events = chain(
        (report(first.id, number) for number in range(5)), (report(second.id, n) for n in range(5, 10))
    )
    await asyncio.gather(*(storage.apply([event], changing(welcoming)) for event in events))
    assert len(founded) == 1
