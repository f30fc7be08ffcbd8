"""Invitation repository: links of introduction e-mails, by the hash of their token."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import invitations, organisations, subscriptions, users
from egpay.adapters.postgres.unit_of_work.accounts import PostgresAccounts
from egpay.adapters.postgres.unit_of_work.rows import row, value
from egpay.domain.account import INVITATION_LIFETIME, Account, Invitation, UserStatus
from egpay.domain.values import OrganisationId, UserId
from egpay.ports.invitations import InvitationEnd, RedeemedInvitation

ONE, USER = invitations.c, users.c


class PostgresInvitations(msgspec.Struct, frozen=True):
    """Port `Invitations` over its table.

    The user's row is locked before any invitation's, so that a redemption and an issue wait for each other and never
    in a circle. What changes the user takes the account's lock first, because the books write the user back as loaded.
    """

    connection: AsyncConnection

    async def issue(self, invitation: Invitation) -> bool:
        """Store the one valid invitation of a user who has not entered; one that was used is not opened again."""
        mine = (ONE.user_id == invitation.user_id, ONE.used_at.is_(None))
        if await self._locked_status(invitation.user_id) is UserStatus.ACTIVE:
            return False
        await self.connection.execute(
            update(invitations)
            .where(*mine, ONE.expires_at > invitation.issued_at)
            .values(expires_at=invitation.issued_at)
        )
        new = insert(invitations).values(**row(invitation))
        await self.connection.execute(
            new.on_conflict_do_update(
                index_elements=["token_hash"], set_={"expires_at": new.excluded.expires_at}, where=mine[1]
            )
        )
        return True

    async def redeem(self, token_hash: bytes, *, at: datetime) -> RedeemedInvitation | InvitationEnd:
        """Use it by one update, so that of two at once one finds it used."""
        user_id = await self._lock_account_of(token_hash)
        if user_id is None:
            return InvitationEnd.EXPIRED
        if await self._locked_status(user_id) is UserStatus.ACTIVE:
            return InvitationEnd.USED
        valid = (ONE.token_hash == token_hash, ONE.used_at.is_(None), ONE.expires_at > at)
        used = await self.connection.execute(update(invitations).where(*valid).values(used_at=at))
        if used.rowcount == 0:
            return InvitationEnd.EXPIRED
        entered = {"status": UserStatus.ACTIVE, "updated_at": func.now()}
        await self.connection.execute(update(users).where(USER.id == user_id).values(**entered))
        return await self._redeemed(token_hash)

    async def renewable(self, token_hash: bytes) -> Account | None:
        """Load the account under its lock, so that of two renewals one sees the other's invitation."""
        if await self._lock_account_of(token_hash) is None:
            return None
        organisation: OrganisationId = (await self.connection.execute(_organisation(token_hash))).scalar_one()
        account = await PostgresAccounts(self.connection).of(organisation)
        return account if account and account.admin.status is UserStatus.INVITED else None

    async def issued_since(self, user_id: UserId, since: datetime, *, beside: bytes) -> bool:
        """Whether another one was issued since then."""
        query = select(ONE.user_id).where(
            ONE.user_id == user_id,
            ONE.token_hash != beside,
            ONE.expires_at > since + INVITATION_LIFETIME,
        )
        return await self.connection.scalar(query.limit(1)) is not None

    async def _lock_account_of(self, token_hash: bytes) -> UserId | None:
        """Take the account's lock; None when the token is unknown, or not for the address on record.

        It is looked up again under the lock, because the address may have been corrected meanwhile.
        """
        its_user = select(USER.id, USER.email_key).join(invitations, ONE.user_id == USER.id)
        query = its_user.where(_of(token_hash))
        found = (await self.connection.execute(query)).one_or_none()
        if found is None:
            return None
        key = advisory_locks.account(found.email_key)
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([key],))
        return UserId(found.id) if (await self.connection.execute(query)).one_or_none() == found else None

    async def _locked_status(self, user_id: UserId) -> UserStatus:
        query = select(USER.status).where(USER.id == user_id).with_for_update(key_share=True)
        return UserStatus(await self.connection.scalar(query) or UserStatus.INVITED)

    async def _redeemed(self, token_hash: bytes) -> RedeemedInvitation:
        sale = (
            select(subscriptions.c.sale_id)
            .where(
                subscriptions.c.organisation_id == organisations.c.id, subscriptions.c.sale_id.is_not(None)
            )
            .order_by(subscriptions.c.id)
            .limit(1)
        )
        query = (
            select(
                USER.id.label("user_id"),
                USER.email,
                organisations.c.id.label("organisation_id"),
                organisations.c.name.label("organisation"),
                sale.scalar_subquery().label("sale_id"),
            )
            .join(invitations, ONE.user_id == USER.id)
            .join(
                organisations,
                organisations.c.id == func.coalesce(ONE.organisation_id, USER.organisation_id),
            )
            .where(_of(token_hash))
        )
        return value((await self.connection.execute(query)).mappings().one(), RedeemedInvitation)


def _of(token_hash: bytes) -> ColumnElement[bool]:
    """The invitation of a token, joined with its user, if it was mailed to the address on record."""
    current = func.sha256(func.convert_to(USER.email_key, "UTF8"))
    return (ONE.token_hash == token_hash) & or_(ONE.email_hash.is_(None), ONE.email_hash == current)


def _organisation(token_hash: bytes) -> Select[Any]:
    """The organisation that a token is for; the user's first one where none is stored (before 0033)."""
    chosen = func.coalesce(ONE.organisation_id, USER.organisation_id)
    return select(chosen).join(users, USER.id == ONE.user_id).where(_of(token_hash))
