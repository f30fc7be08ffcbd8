"""Sale report: the state of one sale, what of it is not done, its open cases, and every step with its cause."""

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Connection, Pool
from egpay.adapters.postgres.operator.pending_work import PendingWork, load_pending_work
from egpay.adapters.postgres.operator.related_records import OpenCase, load_open_cases
from egpay.adapters.postgres.operator.sale_timeline import TimelineStep, load_timeline
from egpay.domain.values import SaleId


class SaleReport(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as an operator sees it: ids and states, no names and no addresses.

    `total` is what the lines cost; `discount`, `shipping` and `tax` are known once the payment page reported them.
    """

    id: str
    status: str
    total: int
    discount: int | None
    shipping: int | None
    tax: int | None
    currency: str
    payment: str
    checkout_session_id: str | None
    subscription_id: str | None
    subscription_status: str | None
    organisation_id: str | None
    user_id: str | None
    shipment_status: str | None
    shipment_reason: str | None
    tracking_url: str | None
    cases: list[OpenCase]
    pending: list[PendingWork]
    timeline: list[TimelineStep]


SALE = """
    SELECT sales.id, sales.status, sales.total, sales.currency, sales.payment, sales.checkout_session_id,
           sales.subscription_id, sales.invoice_id, sales.payment_intent_id, sales.created_at,
           (sales.totals->>'discount')::bigint AS discount, (sales.totals->>'shipping')::bigint AS shipping,
           (sales.totals->>'tax')::bigint AS tax, subscriptions.status AS subscription_status,
           coalesce(subscriptions.organisation_id, sales.organisation_id) AS organisation_id, memberships.user_id,
           shipments.status AS shipment_status, shipments.reason AS shipment_reason, shipments.tracking_url
    FROM sales
    LEFT JOIN subscriptions ON subscriptions.id = sales.subscription_id
    LEFT JOIN memberships
        ON memberships.organisation_id = coalesce(subscriptions.organisation_id, sales.organisation_id)
    LEFT JOIN shipments ON shipments.sale_id = sales.id
    WHERE sales.id = $1 LIMIT 1
"""


async def load_sale_report(pool: Pool, sale_id: SaleId) -> SaleReport | None:
    """Load the report of a sale, its timeline oldest first; None when there is no such sale.

    Raises Outage when the database does not answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            return await _read(connection, pool, sanitize_text(sale_id))


async def _read(connection: Connection, pool: Pool, sale_id: str) -> SaleReport | None:
    found = await connection.fetch(SALE, sale_id)
    if not found:
        return None
    known = dict(found[0])
    names = [known.pop("invoice_id"), known.pop("payment_intent_id")]
    names += [known["checkout_session_id"], known["subscription_id"]]
    steps = await load_timeline(connection, sale_id, names=names, since=known.pop("created_at"))
    about = [name for name in (sale_id, known["organisation_id"], known["subscription_id"]) if name]
    return SaleReport(
        **known,
        cases=await load_open_cases(connection, about),
        pending=await load_pending_work(pool, [sale_id]),
        timeline=steps,
    )
