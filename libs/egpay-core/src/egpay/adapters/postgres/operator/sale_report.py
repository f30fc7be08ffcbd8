"""Sale report: the state of one sale, and every step of it with its cause."""

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.operator.sale_timeline import TimelineStep, load_timeline
from egpay.adapters.postgres.schema.tables import memberships, sales, shipments, subscriptions
from egpay.domain.values import SaleId


class SaleReport(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as an operator sees it: ids and states, no names and no addresses."""

    id: str
    status: str
    total: int
    currency: str
    payment: str
    checkout_session_id: str | None
    subscription_id: str | None
    subscription_status: str | None
    organisation_id: str | None
    user_id: str | None
    shipment_status: str | None
    tracking_url: str | None
    timeline: list[TimelineStep]


async def load_sale_report(engine: AsyncEngine, sale_id: SaleId) -> SaleReport | None:
    """Load the report of a sale, its timeline oldest first; None when there is no such sale.

    Raises Outage when the database does not answer."""
    with mapped_errors():
        return await _read(engine, sale_id)


async def _read(engine: AsyncEngine, sale_id: SaleId) -> SaleReport | None:
    async with engine.connect() as connection:
        sale = await _sale(connection, sale_id)
        if sale is None:
            return None
        known = sale._asdict()
        names = [known.pop("invoice_id"), known.pop("payment_intent_id")]
        names += [known["checkout_session_id"], known["subscription_id"]]
        steps = await load_timeline(connection, sale_id, names=names, since=known.pop("created_at"))
    return SaleReport(**known, timeline=steps)


async def _sale(connection: AsyncConnection, sale_id: SaleId) -> Row[*tuple[object, ...]] | None:
    query = (
        select(
            sales.c.id,
            sales.c.status,
            sales.c.total,
            sales.c.currency,
            sales.c.payment,
            sales.c.checkout_session_id,
            sales.c.subscription_id,
            sales.c.invoice_id,
            sales.c.payment_intent_id,
            sales.c.created_at,
            subscriptions.c.status.label("subscription_status"),
            subscriptions.c.organisation_id,
            memberships.c.user_id,
            shipments.c.status.label("shipment_status"),
            shipments.c.tracking_url,
        )
        .select_from(sales)
        .outerjoin(subscriptions, subscriptions.c.id == sales.c.subscription_id)
        .outerjoin(memberships, memberships.c.organisation_id == subscriptions.c.organisation_id)
        .outerjoin(shipments, shipments.c.sale_id == sales.c.id)
        .where(sales.c.id == sale_id)
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()
