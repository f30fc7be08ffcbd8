"""Owner repository: payers, and owners of subscriptions that no sale began."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import owners, sales, subscriptions
from egpay.adapters.postgres.unit_of_work.rows import row
from egpay.domain.owner import Owner
from egpay.domain.values import SubscriptionId
from egpay.ports.storage import Payer


class PostgresOwners(msgspec.Struct, frozen=True):
    """Port `Owners` over the tables of owners and sales."""

    connection: AsyncConnection

    async def put(self, owner: Owner) -> None:
        """Store the owner as the provider reports it."""
        known = row(owner)
        new = insert(owners).values(**known)
        changed = {**{name: new.excluded[name] for name in known}, "updated_at": func.now()}
        await self.connection.execute(
            new.on_conflict_do_update(index_elements=["subscription_id"], set_=changed)
        )

    async def payer(self, subscription: SubscriptionId) -> Payer | None:
        """The payer: the billing e-mail of its sale or its admin's, else its owner's."""
        sold = (
            select(
                sales.c.name,
                func.coalesce(sales.c.billing_email, sales.c.email).label("email"),
                sales.c.email.label("admin"),
                sales.c.organisation,
                sales.c.locale,
            )
            .join(subscriptions, subscriptions.c.sale_id == sales.c.id)
            .where(subscriptions.c.id == subscription)
        )
        outside = select(
            owners.c.name, owners.c.email, owners.c.email.label("admin"), owners.c.organisation
        ).where(owners.c.subscription_id == subscription)
        for query in (sold, outside):
            found = (await self.connection.execute(query.limit(1))).mappings().one_or_none()
            if found is not None:
                return Payer(**found)
        return None
