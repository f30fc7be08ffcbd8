"""Checkout session parameters of a sale, marked so that every webhook leads back to it.

Devices and subscription are sold together. docs.stripe.com/api/checkout/sessions/create. The parameters
follow from the stored sale alone: one attempt sent twice has the same bytes under the same idempotency key.
Stripe copies no metadata from one object to another, so `sale_id` and the installation are written to each that
webhooks will report on. The page belongs to the order's own Customer, on which it keeps the legal name, the address
and the tax id that the buyer types; of one that was known before it changes nothing. Left to Stripe's own defaults:
`ui_mode`, the payment methods (chosen in the dashboard) and `expires_at` (24 hours).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.errors import Defect
from egpay.domain.order import Order, OrderLine
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.domain.sale import Sale
from egpay.domain.values import Address, CustomerId, SessionId

_KEPT = {"customer_update": {"name": "auto", "address": "auto"}, "tax_id_collection": {"enabled": True}}
"""What the page keeps of what is typed. A tax id is collected only where the legal name may be kept with it."""


def session_params(
    sale: Sale,
    order: Order,
    *,
    customer: CustomerId,
    known: bool = False,
    success_url: str,
    cancel_url: str,
    installation: str | None = None,
    promotion_codes: bool = False,
) -> dict[str, Any]:
    """Parameters that open the session; replaces `{sale_id}` within the URLs. The page changes no `known` customer.

    Adaptive pricing is off: it would charge in another currency than the order's. With `promotion_codes` the page has a
    field for one.
    """
    mark = metadata({"sale_id": sale.id, **({"egpay_installation": installation} if installation else {})})
    params: dict[str, Any] = {
        "client_reference_id": sale.id,
        "metadata": mark,
        "line_items": [_line(line) for line in order.lines],
        "success_url": success_url.replace("{sale_id}", sale.id),
        "cancel_url": cancel_url.replace("{sale_id}", sale.id),
        "customer": customer,
        "billing_address_collection": "required",
        "adaptive_pricing": {"enabled": False},
        **({} if known else _KEPT),
    }
    if promotion_codes:
        params["allow_promotion_codes"] = True
    if order.plan:
        subscription: dict[str, Any] = {"metadata": mark}
        if order.trial_days:
            subscription["trial_period_days"] = order.trial_days
        return {**params, "mode": "subscription", "subscription_data": subscription}
    return {**params, **_devices_only(order, mark)}


def _devices_only(order: Order, mark: dict[str, str]) -> dict[str, Any]:
    """Ask for an invoice, which Stripe does not create without a subscription."""
    payment: dict[str, Any] = {"metadata": mark}
    if order.shipping_address:
        name = one_line(order.name, longest=LONGEST_NAME)
        payment["shipping"] = {"name": name, "address": stripe_address(order.shipping_address)}
    return {
        "mode": "payment",
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": mark}},
        "payment_intent_data": payment,
    }


def _line(line: OrderLine) -> dict[str, Any]:
    """Sell by the price's id: what is made inline is in no catalogue. An order older than the sync has none."""
    if line.price is None:
        raise Defect(f"{line.product} was ordered before the catalogue was synced: it has no price at Stripe")
    return {"quantity": line.quantity, "price": line.price}


def stripe_address(address: Address) -> dict[str, str]:
    """An address as Stripe takes it."""
    fields = ("line1", "line2", "city", "state", "postal_code", "country")
    return {
        name: one_line(value, longest=LONGEST_NAME) for name in fields if (value := getattr(address, name))
    }


def metadata(words: Mapping[str, str]) -> dict[str, str]:
    """Metadata within Stripe's limits: 50 keys of 40 characters without brackets, values of 500.

    Raises Defect beyond them, because a value that is cut would name something else (docs.stripe.com/api/metadata)."""
    keys_fit = all(0 < len(key) <= 40 and not {"[", "]"} & set(key) for key in words)
    if len(words) > 50 or not keys_fit or not all(len(value) <= 500 for value in words.values()):
        raise Defect("metadata does not fit into Stripe's limits")
    return dict(words)


class SessionStatusView(msgspec.Struct, frozen=True):
    """The part of a session that says whether it can still be paid on: `open`, `complete` or `expired`."""

    status: str


async def expire(api: StripeApi, session: SessionId, *, at: datetime) -> bool:
    """Expire a session; false when its buyer has completed it. Stripe refuses to expire what is not open, and says
    so only in prose: then the session itself is asked. The key is of this second, for a failure of Stripe's own
    would else be replayed for a day."""
    path, key = (
        f"/v1/checkout/sessions/{path_id(session, 'session')}",
        f"expire:{session}:{int(at.timestamp())}",
    )
    try:
        await api.post(f"{path}/expire", {}, idempotency_key=key)
    except Defect:
        answer = await api.get(path)
        status = read(answer, SessionStatusView).status if answer else "expired"
        if status == "open":
            raise
        return status != "complete"
    return True
