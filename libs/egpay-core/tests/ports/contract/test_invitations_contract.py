"""Invitations, over memory and PostgreSQL alike: one valid one a user, redeemed once, renewed only by its holder."""

import asyncio
from collections.abc import Sequence

from msgspec import structs

from egpay.domain.account import (
    INVITATION_LIFETIME,
    Account,
    Invitation,
    UserStatus,
    address_hash,
    open_another,
    token_hash,
)
from egpay.domain.values import EmailKey, MessageId, SaleId, SubscriptionId
from egpay.ports.invitations import InvitationEnd, RedeemedInvitation
from egpay.testing.builders import account, moment, order, sale, subscription, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

ADA = account()
FIRST, SECOND = token_hash("first"), token_hash("second")
DAYS = 86_400.0
LIFETIME = INVITATION_LIFETIME.total_seconds()


async def opened(storage: Storage, *more: Account) -> None:
    await storage.apply([subscription_changed()], writing(ADA, *more))


async def issue(storage: Storage, token: bytes = FIRST, *, at: float = 0, of: Account | None = ADA) -> bool:
    invitation = Invitation(
        token_hash=token,
        user_id=ADA.admin.id,
        expires_at=moment(at) + INVITATION_LIFETIME,
        organisation_id=of.organisation.id if of else None,
        email_hash=address_hash(ADA.admin.email_key) if of else None,
    )
    async with storage.begin() as uow:
        return await uow.invitations.issue(invitation)


async def redeem(
    storage: Storage, token: bytes = FIRST, *, at: float = 60
) -> RedeemedInvitation | InvitationEnd:
    async with storage.begin() as uow:
        return await uow.invitations.redeem(token, at=moment(at))


async def ends(storage: Storage, *tokens: bytes, at: float = 60) -> Sequence[object]:
    return [await redeem(storage, token, at=at) for token in tokens]


async def renewable(storage: Storage, token: bytes = FIRST) -> Account | None:
    async with storage.begin() as uow:
        return await uow.invitations.renewable(token)


async def test_an_invitation_lets_its_user_in_once(storage: Storage) -> None:
    await opened(storage)
    assert await issue(storage)
    assert await redeem(storage) == RedeemedInvitation(
        user_id=ADA.admin.id,
        organisation_id=ADA.organisation.id,
        organisation=ADA.organisation.name,
        email=ADA.admin.email,
    )
    async with storage.begin() as uow:
        entered = await uow.accounts.of(ADA.organisation.id)
    assert entered is not None
    assert entered.admin.status is UserStatus.ACTIVE
    assert await redeem(storage) is InvitationEnd.USED


async def test_of_many_that_redeem_one_invitation_at_once_one_gets_in(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    outcomes = await asyncio.gather(*(redeem(storage) for _ in range(8)))
    assert sum(isinstance(one, RedeemedInvitation) for one in outcomes) == 1
    assert outcomes.count(InvitationEnd.USED) == 7


async def test_an_invitation_works_for_fourteen_days(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    assert await redeem(storage, at=LIFETIME) is InvitationEnd.EXPIRED
    assert isinstance(await redeem(storage, at=LIFETIME - 1), RedeemedInvitation)


async def test_a_newer_invitation_ends_the_older_and_the_same_again_lasts_longer(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    await issue(storage, at=DAYS)
    await issue(storage, SECOND, at=2 * DAYS)
    assert await redeem(storage, at=3 * DAYS) is InvitationEnd.EXPIRED
    assert isinstance(await redeem(storage, SECOND, at=2 * DAYS + LIFETIME - 1), RedeemedInvitation)


async def test_an_unknown_token_is_told_apart_from_no_expired_one(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    assert await ends(storage, FIRST, SECOND, at=LIFETIME) == [InvitationEnd.EXPIRED] * 2


async def test_a_user_who_has_entered_is_not_invited(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    await redeem(storage)
    assert not await issue(storage, SECOND, at=DAYS)
    assert await redeem(storage, SECOND, at=DAYS) is InvitationEnd.EXPIRED
    assert await renewable(storage) is None


async def test_a_link_leads_to_the_organisation_that_it_was_mailed_for(storage: Storage) -> None:
    other = open_another(organisation="Fleet", admin=ADA.admin, opened_by=SubscriptionId("sub_2"))
    bought = sale(order(), id=SaleId("sale_fleet"))
    async with storage.begin() as uow:
        await uow.sales.add(bought, order())
    known = subscription("sub_2", organisation_id=other.organisation.id, sale_id=bought.id)
    await storage.apply([subscription_changed("sub_2")], writing(ADA, other, known))
    await issue(storage, of=other)
    found = await renewable(storage)
    assert found is not None
    assert found.organisation == other.organisation
    redeemed = await redeem(storage)
    assert isinstance(redeemed, RedeemedInvitation)
    assert (redeemed.organisation_id, redeemed.sale_id) == (other.organisation.id, bought.id)


async def test_a_link_that_was_mailed_before_leads_to_the_first_organisation(storage: Storage) -> None:
    other = open_another(organisation="Fleet", admin=ADA.admin, opened_by=SubscriptionId("sub_2"))
    await opened(storage, other)
    await issue(storage, of=None)
    found = await renewable(storage)
    assert found is not None
    assert found.organisation == ADA.organisation
    redeemed = await redeem(storage)
    assert isinstance(redeemed, RedeemedInvitation)
    assert redeemed.organisation_id == ADA.organisation.id


async def test_an_address_that_was_corrected_ends_every_link_to_the_old_one(storage: Storage) -> None:
    await opened(storage)
    await issue(storage)
    await redeem(storage)
    right = structs.replace(ADA.admin, email="right@example.com", email_key=EmailKey("right@example.com"))
    await storage.apply(
        [subscription_changed(id=MessageId("evt_corrected"))], writing(structs.replace(ADA, admin=right))
    )
    assert await redeem(storage) is InvitationEnd.EXPIRED
    assert await renewable(storage) is None
    async with storage.begin() as uow:
        third = Invitation(
            token_hash=token_hash("third"),
            user_id=ADA.admin.id,
            expires_at=moment(DAYS) + INVITATION_LIFETIME,
            email_hash=address_hash(right.email_key),
        )
        assert await uow.invitations.issue(third)
    redeemed = await redeem(storage, third.token_hash, at=DAYS)
    assert isinstance(redeemed, RedeemedInvitation)
    assert redeemed.email == "right@example.com"


async def test_it_shows_whether_another_one_was_issued_since(storage: Storage) -> None:
    await opened(storage)
    await issue(storage, at=600)
    async with storage.begin() as uow:
        issued_since, user = uow.invitations.issued_since, ADA.admin.id
        assert await issued_since(user, moment(599), beside=SECOND)
        assert not await issued_since(user, moment(599), beside=FIRST)
        assert not await issued_since(user, moment(600), beside=SECOND)


async def test_a_redemption_and_a_new_invitation_at_once_leave_no_second_way_in(postgres: Storage) -> None:
    await opened(postgres)
    for number in range(5):
        token = token_hash(f"round {number}")
        await issue(postgres, token, at=number)
        outcome, _ = await asyncio.gather(
            redeem(postgres, token), issue(postgres, token_hash(f"newer {number}"), at=number + 0.5)
        )
        if isinstance(outcome, RedeemedInvitation):
            break
    newest = await redeem(postgres, token_hash(f"newer {number}"))
    entered = isinstance(outcome, RedeemedInvitation)
    assert (entered, isinstance(newest, RedeemedInvitation)) in ((True, False), (False, True))


async def test_two_renewals_see_each_other(postgres: Storage) -> None:
    await opened(postgres)
    await issue(postgres)

    async def renew(token: bytes) -> bool:
        async with postgres.begin() as uow:
            assert await uow.invitations.renewable(FIRST)
            if await uow.invitations.issued_since(ADA.admin.id, moment(DAYS), beside=token):
                return False
            return await uow.invitations.issue(
                Invitation(
                    token_hash=token,
                    user_id=ADA.admin.id,
                    expires_at=moment(DAYS + 600) + INVITATION_LIFETIME,
                )
            )

    assert sorted(await asyncio.gather(renew(SECOND), renew(token_hash("third")))) == [False, True]
