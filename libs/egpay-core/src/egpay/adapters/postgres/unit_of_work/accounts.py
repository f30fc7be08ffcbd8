"""Account repository: organisations and their admins, found by the admin's e-mail."""

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import invitations, organisations, sales, subscriptions, users
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.account import Account, Invitation, Organisation, OrganisationSource, User
from egpay.domain.subscription import GOING_ON, Subscription, SubscriptionStatus
from egpay.domain.values import EmailKey, OrganisationId


class PostgresAccounts(msgspec.Struct, frozen=True):
    """Port `Accounts` over the tables of organisations, users and invitations."""

    connection: AsyncConnection

    async def live_subscription(self, key: EmailKey) -> Subscription | None:
        """The subscription of an e-mail that goes on, loaded under the account's lock.

        The newest reported one of the e-mail's organisation, or of any sale to the e-mail."""
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([advisory_locks.account(key)],))
        organisation = select(users.c.organisation_id).where(users.c.email_key == key)
        sold = select(sales.c.id).where(sales.c.email_key == key)
        its_sale = (sales.c.id == subscriptions.c.sale_id) & sales.c.paid_at.is_not(None)
        settled = select(sales.c.id).where(its_sale).exists()
        unreported = select(sales.c.id).where(
            its_sale,
            sales.c.email_key == key,
            sales.c.paid_at >= subscriptions.c.reported_at,
            ~sales.c.refunded,
            ~sales.c.cancelled,
        )
        began = select(sales.c.subscription_id).where(sales.c.email_key == key)
        query = (
            select(*columns(subscriptions, Subscription))
            .where(
                or_(
                    subscriptions.c.status.in_(sorted(GOING_ON))
                    & or_(subscriptions.c.sale_id.is_(None), subscriptions.c.welcomed, settled),
                    (subscriptions.c.status == SubscriptionStatus.INCOMPLETE) & unreported.exists(),
                ),
                subscriptions.c.cancel_at.is_(None),
                or_(
                    subscriptions.c.organisation_id.in_(organisation),
                    subscriptions.c.sale_id.in_(sold),
                    subscriptions.c.id.in_(began),
                ),
            )
            .order_by(subscriptions.c.reported_at.desc(), subscriptions.c.id)
            .limit(1)
        )
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, Subscription)

    async def of(self, organisation: OrganisationId) -> Account | None:
        """The organisation and its first admin."""
        query = (
            select(
                *columns(users, User), organisations.c.name.label("organisation_name"), organisations.c.source
            )
            .join(organisations, organisations.c.id == users.c.organisation_id)
            .where(users.c.organisation_id == organisation, users.c.role == "admin")
            .order_by(users.c.created_at, users.c.id)
            .limit(1)
        )
        found = (await self.connection.execute(query)).mappings().one_or_none()
        if found is None:
            return None
        named = Organisation(
            id=organisation, name=found["organisation_name"], source=OrganisationSource(found["source"])
        )
        return Account(organisation=named, admin=value(found, User))

    async def invite(self, invitation: Invitation) -> None:
        """Store the one valid invitation of a user, whose row is locked so that of two at once one ends.

        One that was used is not opened again."""
        mine = (invitations.c.user_id == invitation.user_id, invitations.c.used_at.is_(None))
        await self.connection.execute(
            select(users.c.id).where(users.c.id == invitation.user_id).with_for_update(key_share=True)
        )
        await self.connection.execute(
            update(invitations)
            .where(*mine, invitations.c.expires_at > invitation.issued_at)
            .values(expires_at=invitation.issued_at)
        )
        new = insert(invitations).values(**row(invitation))
        await self.connection.execute(
            new.on_conflict_do_update(
                index_elements=["token_hash"], set_={"expires_at": new.excluded.expires_at}, where=mine[1]
            )
        )
