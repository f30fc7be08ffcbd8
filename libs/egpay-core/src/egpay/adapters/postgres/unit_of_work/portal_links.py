"""Portal link repository: requests for links, and links by the hash of their token."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import (
    organisations,
    portal_links,
    sales,
    subscriptions,
    users,
)
from egpay.adapters.postgres.unit_of_work.accounts import organisation_ids
from egpay.domain.order import fold_name
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.subscription import GOING_ON, LIVE
from egpay.domain.values import CustomerId, EmailKey
from egpay.ports.portal_links import UsedLink

LINK = portal_links.c


class PostgresPortalLinks(msgspec.Struct, frozen=True):
    """Port `PortalLinks` over its table."""

    connection: AsyncConnection

    async def request(self, link: PortalLinkId, key: EmailKey, *, at: datetime) -> None:
        """Store the request; the same statement whether the e-mail is known or not."""
        await self.connection.execute(insert(portal_links).values(id=link, email_key=key, requested_at=at))

    async def requested(self, link: PortalLinkId) -> EmailKey | None:
        """The e-mail of a request, under its lock, so that of two at once one sees the other's link."""
        key: EmailKey | None = await self.connection.scalar(select(LINK.email_key).where(LINK.id == link))
        if key is not None:
            await self.connection.exec_driver_sql(advisory_locks.TAKE, ([f"portal:{key}"],))
        return key

    async def addressee(self, key: EmailKey) -> str | None:
        """The account's admin, else the buyer of the oldest sale to the e-mail."""
        if await self._customer(key) is None:
            return None
        admin = select(users.c.email).where(users.c.email_key == key)
        buyer = select(sales.c.email).where(sales.c.email_key == key).order_by(sales.c.created_at, sales.c.id)
        for query in (admin, buyer):
            address: str | None = await self.connection.scalar(query.limit(1))
            if address is not None:
                return address
        return None

    async def has_unused(self, key: EmailKey, *, beside: PortalLinkId, since: datetime) -> bool:
        """Whether another one was issued and is unused."""
        query = select(LINK.id).where(
            LINK.email_key == key,
            LINK.id != beside,
            LINK.requested_at > since,
            LINK.token_hash.is_not(None),
            LINK.used_at.is_(None),
        )
        return await self.connection.scalar(query.limit(1)) is not None

    async def issue(self, link: PortalLinkId, token_hash: bytes, *, until: datetime) -> None:
        """Store the hash."""
        issued = {"token_hash": token_hash, "expires_at": until}
        await self.connection.execute(update(portal_links).where(LINK.id == link).values(**issued))

    async def drop(self, link: PortalLinkId) -> None:
        """Delete it."""
        await self.connection.execute(delete(portal_links).where(LINK.id == link))

    async def drop_older(self, than: datetime) -> None:
        """Delete what is old."""
        await self.connection.execute(delete(portal_links).where(LINK.requested_at < than))

    async def use(self, token_hash: bytes, *, at: datetime) -> UsedLink | None:
        """Use it by one update, so that of two at once one finds it used."""
        valid = (LINK.token_hash == token_hash, LINK.used_at.is_(None), LINK.expires_at > at)
        used = update(portal_links).where(*valid).values(used_at=at).returning(LINK.id, LINK.email_key)
        found = (await self.connection.execute(used)).one_or_none()
        customer = await self._customer(found.email_key) if found else None
        if found is None or customer is None:
            return None
        return UsedLink(id=found.id, email_key=found.email_key, customer_id=customer)

    async def give_back(self, link: PortalLinkId) -> None:
        """Make it usable again."""
        await self.connection.execute(update(portal_links).where(LINK.id == link).values(used_at=None))

    async def issue_customer_token(
        self, token_hash: bytes, key: EmailKey, *, at: datetime, until: datetime
    ) -> None:
        """Store it as a row of its own, which opens no portal, because it has no `token_hash`."""
        token = {"id": _customer_token(token_hash), "email_key": key, "requested_at": at, "expires_at": until}
        await self.connection.execute(insert(portal_links).values(**token))

    async def known_customer(
        self, token_hash: bytes, key: EmailKey, *, organisation: str, currency: str, at: datetime
    ) -> CustomerId | None:
        """Names are folded here, because PostgreSQL folds others."""
        proof = select(LINK.id).where(
            LINK.id == _customer_token(token_hash), LINK.email_key == key, LINK.expires_at > at
        )
        its_sale = (sales.c.id == subscriptions.c.sale_id) | (sales.c.subscription_id == subscriptions.c.id)
        sold = select(sales.c.organisation).where(its_sale, sales.c.currency == currency).limit(1)
        named = select(organisations.c.name).where(organisations.c.id == subscriptions.c.organisation_id)
        name = func.coalesce(named.scalar_subquery(), sold.scalar_subquery())
        query = _live_of(key, subscriptions.c.customer_id, name).where(proof.exists(), sold.exists())
        wanted = fold_name(organisation)
        found = await self.connection.execute(query)
        return next((customer for customer, own in found if fold_name(own) == wanted), None)

    async def _customer(self, key: EmailKey) -> CustomerId | None:
        """The customer of the live subscription."""
        query = _live_of(key, subscriptions.c.customer_id).limit(1)
        found: CustomerId | None = await self.connection.scalar(query)
        return found


def _customer_token(token_hash: bytes) -> str:
    """The id of a customer token's row."""
    return f"customer:{token_hash.hex()}"


def _live_of(key: EmailKey, *columns: ColumnElement[Any]) -> Select[Any]:
    """Live subscriptions of an e-mail that have a customer; one that goes on comes first, then the newest reported."""
    goes_on = subscriptions.c.status.in_(sorted(GOING_ON)) & subscriptions.c.cancel_at.is_(None)
    return (
        select(*columns)
        .where(
            subscriptions.c.status.in_(sorted(LIVE)),
            subscriptions.c.customer_id.is_not(None),
            _of_email(key),
        )
        .order_by(goes_on.desc(), subscriptions.c.reported_at.desc(), subscriptions.c.id)
    )


def _of_email(key: EmailKey) -> ColumnElement[bool]:
    """Subscriptions of the e-mail's organisations, or of any sale to it."""
    sold = select(sales.c.id).where(sales.c.email_key == key)
    began = select(sales.c.subscription_id).where(sales.c.email_key == key)
    return or_(
        subscriptions.c.organisation_id.in_(organisation_ids(key)),
        subscriptions.c.sale_id.in_(sold),
        subscriptions.c.id.in_(began),
    )
