"""Refund creation at Stripe: one for each act, also after Stripe has forgotten the idempotency key.

docs.stripe.com/api/refunds/create. A key is remembered for a day, and a command may wait for longer; so each try first
looks among the refunds of the payment for the one that bears the act's key.
"""

import contextlib

import msgspec

from egpay.adapters.stripe.inbound.translated import Expanded, Listed, ref
from egpay.adapters.stripe.outbound.client import CachedFailure, StripeApi, path_id, read
from egpay.domain.errors import RequestRefused
from egpay.domain.values import InvoiceId, PaymentIntentId
from egpay.ports.payments import RefundOrder

FURTHER_KEYS = 3
"""Further idempotency keys to try after Stripe has cached a failure of its own under one."""


class RefundMark(msgspec.Struct, frozen=True):
    """Metadata of a refund, as far as it names the act that asked for it."""

    egpay_act: str | None = None


class MadeRefund(msgspec.Struct, frozen=True):
    """Refund as Stripe has it: its id, and the act that asked for it."""

    id: str
    metadata: RefundMark | None = None


class IntentCurrency(msgspec.Struct, frozen=True):
    """Currency in which a payment intent was charged."""

    currency: str


class PaidBy(msgspec.Struct, frozen=True):
    """What paid an invoice, where that is a payment intent."""

    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | None = None


class IntentOfInvoice(msgspec.Struct, frozen=True):
    """One payment of an invoice, as far as it names its intent."""

    payment: PaidBy


async def make_refund(api: StripeApi, order: RefundOrder, *, key: str, installation: str | None) -> str:
    """Give the amount back, unless this act did already; returns the id of its refund."""
    intent = path_id(order.payment_intent_id or await _intent_of(api, order.invoice_id), "payment intent")
    await _check_currency(api, intent, order.currency)
    marks = {"egpay_act": order.act, "sale_id": order.sale_id, "egpay_installation": installation}
    params = {
        "payment_intent": intent,
        "amount": order.amount,
        "metadata": {name: value for name, value in marks.items() if value},
    }
    for further in (key, *(f"{key}:again:{n}" for n in range(1, FURTHER_KEYS))):
        if (known := await _made_before(api, intent, order.act)) is not None:
            return known
        with contextlib.suppress(CachedFailure):
            return read(await api.post("/v1/refunds", params, idempotency_key=further), MadeRefund).id
    answer = await api.post("/v1/refunds", params, idempotency_key=f"{key}:again:{FURTHER_KEYS}")
    return read(answer, MadeRefund).id


async def _made_before(api: StripeApi, intent: str, act: str) -> str | None:
    answer = await api.get("/v1/refunds", {"payment_intent": intent, "limit": 100})
    known = read(answer, Listed[MadeRefund]).data if answer else []
    return next((one.id for one in known if one.metadata and one.metadata.egpay_act == act), None)


async def _check_currency(api: StripeApi, intent: str, currency: str) -> None:
    """Refuse what was charged in another currency: the amount would be another one there."""
    answer = await api.get(f"/v1/payment_intents/{intent}")
    if answer is None:
        raise RequestRefused("Stripe knows no such payment", code="resource_missing", param="payment_intent")
    if read(answer, IntentCurrency).currency != currency:
        raise RequestRefused("the payment was charged in another currency", code="currency_mismatch")


async def _intent_of(api: StripeApi, invoice: InvoiceId | None) -> PaymentIntentId:
    """The payment intent that paid an invoice, where no event named it."""
    query = {"invoice": path_id(invoice or "", "invoice"), "status": "paid", "limit": 10}
    answer = await api.get("/v1/invoice_payments", query)
    found = read(answer, Listed[IntentOfInvoice]).data if answer else []
    intents = [name for one in found if (name := ref(one.payment.payment_intent))]
    if len(intents) != 1:
        raise RequestRefused("no one payment intent paid the invoice", code="no_payment_intent")
    return intents[0]
