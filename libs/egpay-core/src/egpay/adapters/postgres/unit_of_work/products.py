"""Product repository: the catalogue, in the order in which products were added."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import prices, products
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.catalogue import Product
from egpay.domain.values import ProductId

ON_SALE = select(*columns(products, Product)).where(products.c.on_sale).order_by(products.c.position)

SYNCED = (
    select(prices.c.product, prices.c.id)
    .join(products, products.c.id == prices.c.product)
    .where(
        prices.c.replaced_at.is_(None),
        prices.c.amount == products.c.unit_amount,
        prices.c.currency == products.c.currency,
        prices.c.interval.is_not_distinct_from(products.c.interval),
        prices.c.interval_count == products.c.interval_count,
    )
)


class PostgresProducts(msgspec.Struct, frozen=True):
    """Port `Products` over the table of products."""

    connection: AsyncConnection

    async def all(self) -> Sequence[Product]:
        """All products on sale."""
        return [value(found, Product) for found in (await self.connection.execute(ON_SALE)).mappings()]

    async def named(self, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """The products of `ids` that are on sale."""
        found = await self.connection.execute(ON_SALE.where(products.c.id.in_(ids)))
        return {product.id: product for product in (value(one, Product) for one in found.mappings())}

    async def prices(self, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """The price ids at which Stripe sells those of `ids`: of just what the row says, else it is not synced."""
        found = await self.connection.execute(SYNCED.where(prices.c.product.in_(ids)))
        return {ProductId(product): price for product, price in found}

    async def put(self, offered: Sequence[Product]) -> None:
        """Add products, or replace those of the same id in place; of two with one id the last wins."""
        once = {product.id: product for product in offered}
        if not once:
            return
        rows = [{field: getattr(one, field) for field in Product.__struct_fields__} for one in once.values()]
        statement = insert(products).values(rows)
        changes = {field: statement.excluded[field] for field in Product.__struct_fields__}
        await self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={**changes, "on_sale": True, "updated_at": func.now()}
            )
        )

    async def take_off_sale(self, ids: Sequence[ProductId]) -> Sequence[ProductId]:
        """Take products off sale; those that were on sale, of `ids`."""
        statement = update(products).where(products.c.id.in_(ids), products.c.on_sale)
        gone = statement.values(on_sale=False, updated_at=func.now()).returning(products.c.id)
        return [ProductId(one) for one in (await self.connection.scalars(gone)).all()]
