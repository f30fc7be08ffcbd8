"""Catalogue store: the tables of products and prices as their owner changes them, one method a transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.installation import ID
from egpay.adapters.postgres.replaced_prices import ARCHIVABLE
from egpay.adapters.postgres.schema.tables import known_prices, prices
from egpay.adapters.postgres.unit_of_work.products import PostgresProducts
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.adapters.postgres.unit_of_work.timeline import PostgresTimeline
from egpay.domain.catalogue import CatalogueEntry, Product, SoldPrice
from egpay.domain.timeline import Entry
from egpay.domain.values import ProductId
from egpay.ports.replaced_prices import ARCHIVED_AFTER

_SOLD = select(*columns(prices, SoldPrice)).where(prices.c.replaced_at.is_(None))
_WAITING = select(func.count()).where(prices.c.active, prices.c.replaced_at.is_not(None))


class KnownCatalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables hold before a change; `archivable` are old prices that no page sells any more."""

    installation: str
    on_sale: Mapping[ProductId, Product]
    sold: Mapping[ProductId, SoldPrice]
    archivable: Sequence[str]


@dataclass(frozen=True, slots=True)
class CatalogueStore:
    """The catalogue's tables, with the login that owns them."""

    engine: AsyncEngine

    async def known(self, *, at: datetime) -> KnownCatalogue:
        """Load what is on sale, at which prices, and which older ones may be archived."""
        async with self._transaction() as connection:
            products = await PostgresProducts(connection).all()
            return KnownCatalogue(
                installation=str(await connection.scalar(text(ID))),
                on_sale={product.id: product for product in products},
                sold=await _sold(connection),
                archivable=await _archivable(connection, at),
            )

    async def put(self, entries: Sequence[CatalogueEntry], sold: Sequence[SoldPrice], line: Entry) -> None:
        """Put entries on sale at the prices given; a product without one of its new price sells only after a sync."""
        async with self._transaction() as connection:
            await PostgresProducts(connection).put(entries)
            for price in sold:
                await _put_price(connection, price, at=line.at)
            await PostgresTimeline(connection).note(line)

    async def take_off_sale(self, ids: Sequence[ProductId], line: Entry) -> None:
        """Take products off sale; what was ordered of them goes on."""
        async with self._transaction() as connection:
            await PostgresProducts(connection).take_off_sale(ids)
            await PostgresTimeline(connection).note(line)

    async def archived(self, ids: Sequence[str]) -> None:
        """Store that these prices take no new buyer at the provider."""
        done = prices.c.id.in_(ids) & prices.c.replaced_at.is_not(None)
        async with self._transaction() as connection:
            await connection.execute(update(prices).where(done).values(active=False))

    async def waiting(self) -> int:
        """How many replaced prices the provider still holds active."""
        async with self._transaction() as connection:
            return int(await connection.scalar(_WAITING) or 0)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with mapped_errors():
            async with self.engine.begin() as connection:
                yield connection


async def _sold(connection: AsyncConnection) -> dict[ProductId, SoldPrice]:
    found = (value(one, SoldPrice) for one in (await connection.execute(_SOLD)).mappings())
    return {price.product: price for price in found}


async def _archivable(connection: AsyncConnection, at: datetime) -> Sequence[str]:
    rows = await connection.exec_driver_sql(ARCHIVABLE, (at - ARCHIVED_AFTER, at))
    return [str(price) for (price,) in rows]


async def _put_price(connection: AsyncConnection, price: SoldPrice, *, at: datetime) -> None:
    """Sell a product at this price from now on; another price of it is replaced.

    Subscriptions of the price and of its product at the provider are ours from now on (RULES 1)."""
    named = (price.id, price.stripe_product)
    ours = insert(known_prices).values(
        [{"id": name, "since": at, "product": price.product} for name in named]
    )
    ours = ours.on_conflict_do_update(index_elements=["id"], set_={"product": ours.excluded.product})
    await connection.execute(ours)
    others = (prices.c.product == price.product) & (prices.c.id != price.id) & prices.c.replaced_at.is_(None)
    await connection.execute(update(prices).where(others).values(replaced_at=at))
    statement = insert(prices).values(**row(price))
    fields = {field: statement.excluded[field] for field in SoldPrice.__struct_fields__}
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={**fields, "active": True, "replaced_at": None}
        )
    )
