"""Links to the billing portal, over memory and PostgreSQL alike: issued to an owner, used once."""

import asyncio
from typing import Any

import pytest

from egpay.domain.account import token_hash
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import CustomerId, EmailKey
from egpay.ports.portal_links import UsedLink
from egpay.testing.builders import account, moment, order, sale, subscription, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

ADA = EmailKey("ada@example.com")
LINK = PortalLinkId("link_1")
TOKEN = token_hash("token")


async def subscribed(
    storage: Storage, name: str = "sub_1", customer: str | None = "cus_1", **facts: Any
) -> None:
    ada = account()
    facts = {"organisation_id": ada.organisation.id, **facts}
    known = subscription(name, customer_id=customer and CustomerId(customer), **facts)
    await storage.apply([subscription_changed(name)], writing(ada, known))


async def issued(storage: Storage, link: PortalLinkId = LINK, token: bytes = TOKEN, *, at: float = 0) -> None:
    async with storage.begin() as uow:
        await uow.portal_links.request(link, ADA, at=moment(at))
        await uow.portal_links.issue(link, token, until=moment(at + 1800))


async def used(storage: Storage, token: bytes = TOKEN, *, at: float = 60) -> UsedLink | None:
    async with storage.begin() as uow:
        return await uow.portal_links.use(token, at=moment(at))


async def test_a_link_is_used_once_and_leads_to_the_customer_of_the_live_subscription(
    storage: Storage,
) -> None:
    await subscribed(storage)
    await issued(storage)
    assert await used(storage) == UsedLink(id=LINK, email_key=ADA, customer_id=CustomerId("cus_1"))
    assert await used(storage) is None


async def test_of_many_that_use_one_link_at_once_one_gets_in(storage: Storage) -> None:
    await subscribed(storage)
    await issued(storage)
    found = await asyncio.gather(*(used(storage) for _ in range(6)))
    assert sum(one is not None for one in found) == 1


async def test_a_link_works_for_half_an_hour(storage: Storage) -> None:
    await subscribed(storage)
    await issued(storage)
    assert await used(storage, at=1800) is None
    assert await used(storage, at=1799)


async def test_an_unknown_token_and_a_request_without_a_link_open_nothing(storage: Storage) -> None:
    await subscribed(storage)
    async with storage.begin() as uow:
        await uow.portal_links.request(LINK, ADA, at=moment())
    assert await used(storage) is None
    assert await used(storage, token_hash("")) is None


async def test_a_link_given_back_works_again(storage: Storage) -> None:
    await subscribed(storage)
    await issued(storage)
    assert await used(storage)
    async with storage.begin() as uow:
        await uow.portal_links.give_back(LINK)
    assert await used(storage)


@pytest.mark.parametrize("status", sorted(SubscriptionStatus))
async def test_only_the_owner_of_a_live_subscription_is_written_to(
    storage: Storage, status: SubscriptionStatus
) -> None:
    await subscribed(storage, status=status)
    live = status.value in ("trialing", "active", "past_due", "unpaid", "paused")
    async with storage.begin() as uow:
        assert await uow.portal_links.addressee(ADA) == ("ada@example.com" if live else None)
        assert await uow.portal_links.addressee(EmailKey("grace@example.com")) is None


async def test_the_subscription_that_goes_on_comes_before_a_newer_one_that_does_not(storage: Storage) -> None:
    await subscribed(storage, "sub_1", "cus_goes_on", status=SubscriptionStatus.PAST_DUE)
    await subscribed(storage, "sub_2", "cus_paused", at=9, status=SubscriptionStatus.PAUSED)
    await subscribed(storage, "sub_3", None, at=10)
    await issued(storage)
    link = await used(storage)
    assert link
    assert link.customer_id == "cus_goes_on"


async def test_a_sale_is_enough_where_there_is_no_account_and_its_address_is_written_to(
    storage: Storage,
) -> None:
    placed = order(email="Ada@Example.com")
    bought = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(bought, placed)
    known = subscription(sale_id=bought.id, customer_id=CustomerId("cus_1"))
    await storage.apply([subscription_changed(sale_id=bought.id)], writing(known))
    async with storage.begin() as uow:
        assert await uow.portal_links.addressee(ADA) == "Ada@Example.com"


async def test_an_unused_link_is_found_beside_a_new_request(storage: Storage) -> None:
    await subscribed(storage)
    await issued(storage)
    later = PortalLinkId("link_2")

    async def unused(since: float) -> bool:
        async with storage.begin() as uow:
            return await uow.portal_links.has_unused(ADA, beside=later, since=moment(since))

    assert await unused(-1)
    assert not await unused(0)
    await used(storage)
    assert not await unused(-1)


async def test_a_request_is_dropped_alone_and_the_old_ones_together(storage: Storage) -> None:
    names = [PortalLinkId(f"link_{n}") for n in range(3)]
    async with storage.begin() as uow:
        for age, name in enumerate(names):
            await uow.portal_links.request(name, ADA, at=moment(age))
        await uow.portal_links.drop(names[2])
        await uow.portal_links.drop_older(moment(1))
    async with storage.begin() as uow:
        assert [await uow.portal_links.requested(name) for name in names] == [None, ADA, None]


async def bought(storage: Storage, customer: str = "cus_1", **facts: Any) -> None:
    """Ada's organisation with a subscription that came of a sale in euros."""
    placed = order(email="ada@example.com")
    sold = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(sold, placed)
    await subscribed(storage, customer=customer, sale_id=sold.id, **facts)


async def proved(storage: Storage, token: bytes = TOKEN, *, at: float = 60, **wanted: Any) -> str | None:
    """The customer by a customer token, an hour of which is left at 0."""
    asked = {"key": ADA, "organisation": account().organisation.name, "currency": "eur", **wanted}
    async with storage.begin() as uow:
        return await uow.portal_links.known_customer(token, at=moment(at), **asked)


async def vouched(storage: Storage) -> None:
    async with storage.begin() as uow:
        await uow.portal_links.issue_customer_token(TOKEN, ADA, at=moment(), until=moment(3600))


async def test_a_customer_token_leads_to_the_customer_of_the_organisation_for_its_hour(
    storage: Storage,
) -> None:
    await bought(storage)
    await vouched(storage)
    spelt = f"  {account().organisation.name.upper()} "
    assert await proved(storage) == await proved(storage, organisation=spelt) == "cus_1"
    assert await proved(storage, at=3599) == "cus_1"
    assert await proved(storage, at=3600) is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"token": token_hash("a guess")},
        {"key": EmailKey("grace@example.com")},
        {"organisation": "Another one"},
        {"currency": "usd"},
    ],
)
async def test_a_customer_token_proves_nothing_beyond_its_email_organisation_and_currency(
    storage: Storage, wanted: dict[str, Any]
) -> None:
    await bought(storage)
    await vouched(storage)
    assert await proved(storage, **wanted) is None


async def test_a_subscription_that_has_ended_leaves_no_known_customer(storage: Storage) -> None:
    await bought(storage, status=SubscriptionStatus.CANCELED)
    await vouched(storage)
    assert await proved(storage) is None


async def test_a_customer_token_opens_no_portal_and_delays_no_link(storage: Storage) -> None:
    await bought(storage)
    await vouched(storage)
    assert await used(storage) is None
    async with storage.begin() as uow:
        assert not await uow.portal_links.has_unused(ADA, beside=LINK, since=moment(-1))
    await issued(storage)
    assert await proved(storage) == "cus_1"


async def test_the_token_of_a_link_proves_nothing_after_its_use(storage: Storage) -> None:
    await bought(storage)
    await issued(storage)
    assert await used(storage)
    assert await proved(storage) is None


async def test_customer_tokens_are_deleted_with_old_links(storage: Storage) -> None:
    await bought(storage)
    await vouched(storage)
    async with storage.begin() as uow:
        await uow.portal_links.drop_older(moment(1))
    assert await proved(storage) is None
