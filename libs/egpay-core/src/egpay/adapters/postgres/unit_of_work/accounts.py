"""Account repository: organisations and their admins, found by the admin's e-mail."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import (
    memberships,
    organisations,
    sales,
    subscriptions,
    users,
)
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.account import Account, Organisation, OrganisationSource, User
from egpay.domain.subscription import GOING_ON, SubscriptionStatus
from egpay.domain.values import EmailKey, OrganisationId
from egpay.ports.storage import LiveSubscription


class PostgresAccounts(msgspec.Struct, frozen=True):
    """Port `Accounts` over the tables of organisations, users and memberships."""

    connection: AsyncConnection

    async def live_subscriptions(self, key: EmailKey) -> Sequence[LiveSubscription]:
        """The subscriptions of an e-mail that go on, loaded under the account's lock, newest reported first."""
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([advisory_locks.account(key)],))
        own = organisation_ids(key)
        its_sale = sales.c.id == subscriptions.c.sale_id
        settled = select(sales.c.id).where(its_sale, sales.c.paid_at.is_not(None)).exists()
        unreported = select(sales.c.id).where(
            its_sale,
            sales.c.email_key == key,
            sales.c.paid_at >= subscriptions.c.reported_at,
            ~sales.c.refunded,
            ~sales.c.cancelled,
        )
        began = sales.c.subscription_id == subscriptions.c.id
        sold = select(sales.c.organisation).where(sales.c.email_key == key, its_sale | began).limit(1)
        named = select(organisations.c.name).where(organisations.c.id == subscriptions.c.organisation_id)
        name = func.coalesce(named.scalar_subquery(), sold.scalar_subquery()).label("organisation")
        query = (
            select(subscriptions.c.id, subscriptions.c.sale_id, name)
            .where(
                or_(
                    subscriptions.c.status.in_(sorted(GOING_ON))
                    & or_(subscriptions.c.sale_id.is_(None), subscriptions.c.welcomed, settled),
                    (subscriptions.c.status == SubscriptionStatus.INCOMPLETE) & unreported.exists(),
                ),
                subscriptions.c.cancel_at.is_(None),
                or_(
                    subscriptions.c.organisation_id.in_(own),
                    subscriptions.c.sale_id.in_(select(sales.c.id).where(sales.c.email_key == key)),
                    subscriptions.c.id.in_(select(sales.c.subscription_id).where(sales.c.email_key == key)),
                ),
            )
            .order_by(subscriptions.c.reported_at.desc(), subscriptions.c.id)
        )
        found = await self.connection.execute(query)
        return [value(each, LiveSubscription) for each in found.mappings()]

    async def organisations_of(self, key: EmailKey) -> Sequence[str]:
        """The names of the organisations that this e-mail is an admin of."""
        query = select(organisations.c.name).where(organisations.c.id.in_(organisation_ids(key)))
        return (await self.connection.scalars(query.order_by(organisations.c.id))).all()

    async def of(self, organisation: OrganisationId) -> Account | None:
        """The organisation and its first admin."""
        query = (
            select(
                *columns(users, User), organisations.c.name.label("organisation_name"), organisations.c.source
            )
            .join(memberships, memberships.c.user_id == users.c.id)
            .join(organisations, organisations.c.id == memberships.c.organisation_id)
            .where(memberships.c.organisation_id == organisation, memberships.c.role == "admin")
            .order_by(memberships.c.created_at, users.c.id)
            .limit(1)
        )
        found = (await self.connection.execute(query)).mappings().one_or_none()
        if found is None:
            return None
        named = Organisation(
            id=organisation, name=found["organisation_name"], source=OrganisationSource(found["source"])
        )
        return Account(organisation=named, admin=value(found, User))


def organisation_ids(key: EmailKey) -> Select[tuple[str]]:
    """The ids of the organisations of an e-mail."""
    return (
        select(memberships.c.organisation_id)
        .join(users, users.c.id == memberships.c.user_id)
        .where(users.c.email_key == key)
    )
