"""Two tabs, a double click, a change of mind, a stranger: the orders of one e-mail, each with a page of its own."""

import asyncio
from typing import Any

import httpx
import msgspec

from checkout_api.testing.doubles import OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.account import open_account, open_another
from egpay.domain.errors import Defect, Outage
from egpay.domain.sale import SaleStatus, SessionProgress
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import EmailKey, SaleId, SubscriptionId
from egpay.testing.builders.records import NOON
from egpay.testing.memory import MemoryStore

ADA = EmailKey("ada@example.com")
OTHER_CART = [{"product": "sensor", "quantity": 7}, {"product": "plan", "quantity": 1}]


async def order(client: httpx.AsyncClient, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/checkout/sessions", json=order_body(**changes), headers=headers)


def statuses(store: MemoryStore) -> dict[str, SaleStatus]:
    return {sale_id: sale.status for sale_id, sale in store.tables.sales.items()}


def change(store: MemoryStore, sale_id: str, **facts: Any) -> None:
    [key] = [key for key in store.tables.sales if key == sale_id]
    store.tables.sales[key] = store.tables.sales[key]._with(**facts)


async def test_the_same_order_again_is_the_same_page(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = await order(client, "key-1")
    spelt = await order(client, email=" ADA@Example.com ", organisation="acme  gmbh")
    for again in (await order(client, "key-2"), await order(client), await order(client, "key-2"), spelt):
        assert (again.status_code, again.json()) == (201, first.json())
    assert (len(store.tables.sales), len(payments.asked)) == (1, 1)


async def test_another_order_opens_another_page_and_closes_none(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client, "key-1")).json()
    second = (await order(client, "key-2", line_items=OTHER_CART)).json()
    assert statuses(store) == {
        first["sale_id"]: SaleStatus.IN_PROGRESS,
        second["sale_id"]: SaleStatus.IN_PROGRESS,
    }
    assert (await order(client)).json() == first
    assert (await order(client, line_items=OTHER_CART)).json() == second


async def test_a_cart_whose_prices_changed_is_another_order(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client)).json()
    store.tables.products.update(
        {key: msgspec.structs.replace(one, unit_amount=100) for key, one in store.tables.products.items()}
    )
    assert (await order(client)).json()["sale_id"] != first["sale_id"]


async def test_a_delayed_payment_under_way_blocks_no_order(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client, "key-1")).json()
    change(store, first["sale_id"], session_progress=SessionProgress.COMPLETED)
    other = await order(client, line_items=OTHER_CART)
    again = await order(client)
    assert (other.status_code, again.status_code) == (201, 201)
    assert len({first["sale_id"], other.json()["sale_id"], again.json()["sale_id"]}) == 3
    assert (await order(client, "key-1")).json() == first


async def test_an_order_that_died_before_it_had_a_page_is_continued_by_the_same_one(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down")
    await order(client, "key-1")
    [kept] = store.tables.sales
    payments.fault = None
    assert (await order(client)).json()["sale_id"] == kept
    assert (await order(client, "key-1")).json()["sale_id"] == kept


async def test_an_order_that_the_provider_refuses_is_in_no_way_of_another(
    client: httpx.AsyncClient, payments: OnePagePerAttempt
) -> None:
    payments.fault = Defect("Stripe: InvalidRequestError 400")
    assert problem_of(await order(client, "key-1")) == (502, "payment-provider")
    payments.fault = None
    assert (await order(client, line_items=OTHER_CART)).status_code == 201


async def test_a_page_that_timed_out_unheard_is_left_and_the_order_begun_again(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    first = (await order(client)).json()
    clock.forward(hours=25)
    assert (await order(client)).json()["sale_id"] != first["sale_id"]


async def test_a_key_whose_page_is_dead_leads_to_the_page_that_is_open_for_the_same_order(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    await order(client, "key-1")
    clock.forward(hours=25)
    open_now = (await order(client, "key-2")).json()
    for _ in range(2):
        assert (await order(client, "key-1")).json() == open_now


async def test_other_orders_of_one_email_at_once_have_a_page_each(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    answers = await asyncio.gather(
        *(
            order(client, line_items=[{"product": "plan", "quantity": n}], shipping_address=...)
            for n in range(1, 9)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["checkout_session_id"] for answer in answers}) == 8
    assert set(statuses(store).values()) == {SaleStatus.IN_PROGRESS}


async def test_a_page_that_opens_as_a_subscription_is_settled_is_handed_to_no_one(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    first = (await order(client)).json()
    payments.gate.clear()
    late = asyncio.create_task(order(client, "key-2", line_items=OTHER_CART))
    async with asyncio.timeout(5):
        while len(payments.asked) < 2:
            await asyncio.sleep(0)
    change(store, first["sale_id"], paid_at=clock())
    name = SubscriptionId("sub_1")
    store.tables.subscriptions[name] = Subscription(
        id=name, status=SubscriptionStatus.ACTIVE, reported_at=clock(), sale_id=SaleId(first["sale_id"])
    )
    payments.gate.set()
    assert problem_of(await late) == (409, "already-subscribed")
    assert len(store.tables.checkout_pages) == 1


def found(store: MemoryStore, organisation: str, status: SubscriptionStatus, *, number: int = 1) -> None:
    """The e-mail's account of this name, with a subscription in this status."""
    name = SubscriptionId(f"sub_{number}")
    known = list(store.tables.accounts.values())
    opened = (
        open_another(organisation=organisation, admin=known[0].admin, opened_by=name)
        if known
        else open_account(
            organisation=organisation, name="Ada", email="ada@example.com", key=ADA, opened_by=name
        )
    )
    store.tables.accounts[opened.organisation.id] = opened
    store.tables.subscriptions[name] = Subscription(
        id=name, status=status, reported_at=NOON, organisation_id=opened.organisation.id, welcomed=True
    )


async def test_a_known_admin_orders_for_another_organisation_by_saying_so(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    found(store, "Acme GmbH", SubscriptionStatus.ACTIVE)
    unsaid = await order(client, organisation="Other GmbH")
    assert problem_of(unsaid) == (409, "already-subscribed")
    assert "another_organisation" in unsaid.json()["detail"]
    said = await order(client, organisation="Other GmbH", another_organisation=True)
    assert said.status_code == 201
    [sale] = store.tables.sales.values()
    assert (sale.organisation, sale.another_organisation) == ("Other GmbH", True)


async def test_the_refusal_does_not_tell_whether_a_name_is_one_of_the_owners(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    found(store, "Acme GmbH", SubscriptionStatus.ACTIVE)
    own, other = await order(client), await order(client, organisation="Guess 1")
    assert (own.status_code, own.json()) == (other.status_code, other.json())


async def test_another_organisation_with_the_name_of_one_of_ones_own_is_a_wrong_field(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    found(store, "Acme GmbH", SubscriptionStatus.CANCELED)
    refused = await order(client, organisation=" ACME  gmbh", another_organisation=True)
    assert problem_of(refused) == (422, "validation")
    assert [error["field"] for error in refused.json()["errors"]] == ["another_organisation"]
    assert store.tables.sales == {}
    assert (await order(client, organisation=" ACME  gmbh")).status_code == 201


async def test_a_subscription_is_in_the_way_of_its_own_organisation_alone(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    found(store, "Acme GmbH", SubscriptionStatus.ACTIVE)
    found(store, "Other GmbH", SubscriptionStatus.CANCELED, number=2)
    assert problem_of(await order(client)) == (409, "already-subscribed")
    assert (await order(client, organisation="other gmbh")).status_code == 201


async def test_an_email_whose_subscriptions_are_over_may_order_under_any_name(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    found(store, "Acme GmbH", SubscriptionStatus.CANCELED)
    assert (await order(client, organisation="Other GmbH")).status_code == 201


async def test_an_email_without_an_account_has_no_other_organisation_and_its_order_is_the_same_one(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    said, unsaid = await order(client, another_organisation=True), await order(client)
    assert (said.status_code, said.json()) == (201, unsaid.json())
    [sale] = store.tables.sales.values()
    assert not sale.another_organisation


async def test_another_organisation_is_said_with_true_or_false(client: httpx.AsyncClient) -> None:
    refused = await order(client, another_organisation="yes")
    assert refused.json()["errors"] == [{"field": "another_organisation", "message": "must be true or false"}]
