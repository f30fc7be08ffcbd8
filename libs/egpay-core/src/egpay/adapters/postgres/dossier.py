"""All that is known about one sale, for whoever has to explain it: how it stands, and every step with its cause."""

from datetime import datetime

import msgspec
from sqlalchemy import Row, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.tables import (
    emails,
    sales,
    shipments,
    subscriptions,
    timeline,
    users,
    webhook_events,
)
from egpay.domain.values import SaleId


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: `at` is when we recorded it, `cause` the message or event behind it."""

    at: datetime
    kind: str
    what: str
    cause: str | None = None


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
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
    timeline: list[Step]


async def sale_dossier(engine: AsyncEngine, sale_id: SaleId) -> Dossier | None:
    """The dossier of a sale, its timeline oldest first; None when there is no such sale."""
    async with engine.connect() as connection:
        sale = await _sale(connection, sale_id)
        if sale is None:
            return None
        steps = await _steps(connection, sale_id, sale.subscription_id)
    return Dossier(**sale._asdict(), timeline=steps)


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
            subscriptions.c.status.label("subscription_status"),
            subscriptions.c.organisation_id,
            users.c.id.label("user_id"),
            shipments.c.status.label("shipment_status"),
            shipments.c.tracking_url,
        )
        .select_from(sales)
        .outerjoin(subscriptions, subscriptions.c.id == sales.c.subscription_id)
        .outerjoin(users, users.c.organisation_id == subscriptions.c.organisation_id)
        .outerjoin(shipments, shipments.c.sale_id == sales.c.id)
        .where(sales.c.id == sale_id)
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


async def _steps(connection: AsyncConnection, sale_id: SaleId, subscription_id: str | None) -> list[Step]:
    ours = timeline.c.sale_id == sale_id
    if subscription_id:
        ours = or_(ours, timeline.c.subject == subscription_id)
    told = select(
        webhook_events.c.received_at.label("at"),
        (literal("webhook.") + webhook_events.c.type).label("kind"),
        (webhook_events.c.source + " " + webhook_events.c.disposition).label("what"),
        webhook_events.c.event_id.label("cause"),
        literal(0).label("rank"),
    ).where(webhook_events.c.sale_id == sale_id)
    concluded = select(
        timeline.c.recorded_at, timeline.c.kind, timeline.c.what, timeline.c.cause, literal(1)
    ).where(ours)
    written = select(
        emails.c.sent_at, literal("email.") + emails.c.kind, emails.c.subject, emails.c.key, literal(2)
    ).where(emails.c.sale_id == sale_id, emails.c.sent_at.is_not(None))
    everything = union_all(told, concluded, written).subquery()
    rows = await connection.execute(select(everything).order_by(everything.c.at, everything.c.rank))
    return [Step(at=row.at, kind=row.kind, what=row.what, cause=row.cause) for row in rows]
