"""Customers at the provider in PostgreSQL: linked to their organisation, and not given up under an order's hands."""

import asyncio
from datetime import timedelta

import asyncpg

from egpay.domain.commands import ExpireCheckoutPages
from egpay.domain.events import Source
from egpay.domain.outcome import Outcome
from egpay.domain.values import CustomerId, MessageId, SubscriptionId
from egpay.testing.builders import account, checkout_completed, moment, order, sale, subscription
from egpay.testing.folds import leading_to, pages
from egpay.testing.storage import Storage

CUSTOMER = CustomerId("cus_1")


async def test_the_customer_of_a_subscription_belongs_to_the_organisation_once_it_is_provisioned(
    postgres: Storage, database_url: str
) -> None:
    placed, ada = order(), account()
    opened = sale(placed)
    async with postgres.begin() as uow:
        await uow.sales.add(opened, placed)
        await uow.customers.store(CUSTOMER, opened.id, at=moment())
    running = subscription(
        sale_id=opened.id, customer_id=CUSTOMER, organisation_id=ada.organisation.id, welcomed=True
    )
    provisioned = ExpireCheckoutPages(
        id=MessageId("expire-pages:sub_1"),
        occurred_at=moment(),
        source=Source.STRIPE,
        subscription_id=SubscriptionId("sub_1"),
        organisation_id=ada.organisation.id,
    )
    outcome = Outcome(written=pages(ada, running), commands=(provisioned,))
    await postgres.apply([checkout_completed(opened.id)], leading_to(outcome))
    connection = await asyncpg.connect(database_url)
    [row] = await connection.fetch("SELECT id, provider, sale_id, organisation_id FROM customers")
    await connection.close()
    assert tuple(row) == (CUSTOMER, "stripe", opened.id, ada.organisation.id)


async def test_a_customer_that_an_order_is_using_at_this_moment_is_not_given_up(postgres: Storage) -> None:
    placed = order()
    opened = sale(placed)
    async with postgres.begin() as uow:
        await uow.sales.add(opened, placed)
        await uow.customers.store(CUSTOMER, opened.id, at=moment())
    later = moment() + timedelta(days=31)

    async def give_up() -> list[CustomerId]:
        async with postgres.begin() as uow:
            return list(
                await uow.customers.give_up(unused_since=later - timedelta(days=30), at=later, most=10)
            )

    async with postgres.begin() as uow:
        assert (await uow.customers.of_sale(opened.id, at=later)).id == CUSTOMER
        judging = asyncio.create_task(give_up())
        done, _ = await asyncio.wait({judging}, timeout=0.2)
        assert not done
    assert await judging == []
