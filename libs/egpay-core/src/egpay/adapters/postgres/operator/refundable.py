"""Refundable payment: what an operator may mean by a sale, an invoice or a payment intent, with the order's lines."""

import msgspec
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.domain.catalogue import Kind
from egpay.domain.errors import Refusal
from egpay.domain.refund_requests import OrderedLine
from egpay.domain.values import InvoiceId, PaymentIntentId, ProductId, SaleId

_NAMED = text("""
    SELECT id, sale_id, invoice_id, payment_intent_id, currency FROM payments
    WHERE id = :name OR invoice_id = :name OR payment_intent_id = :name
    ORDER BY paid_at IS NULL, id = :name DESC, id LIMIT 1
""")
_SALE = text("SELECT currency FROM sales WHERE id = :name")
_LINES = text("""
    SELECT product, kind, quantity, CASE WHEN trial_days > 0 THEN 0 ELSE unit_amount END AS unit_due
    FROM sale_lines WHERE sale_id = :sale ORDER BY position
""")
# A sale that was paid twice has a second payment beside its own, and either may be meant.
_TWICE = text("""
    SELECT coalesce(payment_intent_id, invoice_id, id) AS name FROM payments
    WHERE (id = :name OR sale_id = :name) AND paid_at IS NOT NULL AND NOT gone_in_full AND EXISTS (
        SELECT FROM cases WHERE cases.id = 'paid_twice:' || :name AND closed_at IS NULL
    ) ORDER BY paid_at, id
""")


class RefundablePayment(msgspec.Struct, frozen=True, kw_only=True):
    """Refundable payment: its names and its currency, and the lines of the order if it is the order's own."""

    payment_id: str
    currency: str
    sale_id: SaleId | None = None
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None
    ordered: tuple[OrderedLine, ...] = ()


async def load_refundable(engine: AsyncEngine, name: str) -> RefundablePayment:
    """Load the payment of that name. Raises Refusal when there is none, or a sale was paid twice and either is meant."""
    with mapped_errors():
        async with engine.connect() as connection:
            return await _load(connection, sanitize_text(name.strip()))


async def _load(connection: AsyncConnection, name: str) -> RefundablePayment:
    several = list(await connection.scalars(_TWICE, {"name": name}))
    if len(several) > 1:
        raise Refusal(f"sale {name} was paid twice; name the payment to give back: {' or '.join(several)}")
    found = (await connection.execute(_NAMED, {"name": name})).mappings().one_or_none()
    if found is None:
        if await connection.scalar(_SALE, {"name": name}):
            raise Refusal(f"nothing was paid for sale {name} yet: cancel it, and nothing will be")
        raise Refusal(f"there is no sale, invoice or payment intent {name}")
    lines = await connection.execute(
        _LINES, {"sale": found["sale_id"] if found["id"] == found["sale_id"] else ""}
    )
    return RefundablePayment(
        payment_id=found["id"],
        currency=found["currency"] or "",
        sale_id=found["sale_id"],
        invoice_id=found["invoice_id"],
        payment_intent_id=found["payment_intent_id"],
        ordered=tuple(_line(one) for one in lines.mappings()),
    )


def _line(found: RowMapping) -> OrderedLine:
    return OrderedLine(
        product=ProductId(found["product"]),
        quantity=found["quantity"],
        unit_due=found["unit_due"],
        device=found["kind"] == Kind.DEVICE,
    )
