"""Stripe object builders: render each object as each API generation does, so that tests cover all.

The differences are those of docs.stripe.com/changelog between 2020-08-27 and 2026-10-28; every builder takes
the generation first and lets the caller replace any field.
"""

from enum import StrEnum
from typing import Any

from egpay.testing.stripe_payment_objects import (
    Json,
    credit_note,
    dispute,
    fraud_warning,
    invoice_payment,
    refund,
    review,
)

__all__ = [
    "Generation",
    "Json",
    "charge",
    "credit_note",
    "devices_invoice",
    "dispute",
    "fraud_warning",
    "invoice",
    "invoice_payment",
    "mark",
    "refund",
    "review",
    "session",
    "subscription",
]

SALE = "sale_aaaaaaaaaaaaaaaaaaaaaaaaaa"
PERIOD_END = 1_798_000_000
BUYER = {"name": "Ada Lovelace", "email": "ada.private@example.com"}
ADDRESS = {
    "line1": "12 St James's Square",
    "line2": None,
    "city": "London",
    "state": None,
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


class Generation(StrEnum):
    """API versions, one for each schema; they sort by their date."""

    LEGACY = "2020-08-27"
    SHIPPING_DETAILS = "2022-11-15"
    PRE_ACACIA = "2024-06-20"
    ACACIA = "2025-02-24.acacia"
    BASIL = "2025-03-31.basil"
    CLOVER = "2025-09-30.clover"
    DAHLIA = "2026-03-25.dahlia"
    ENDIVE = "2026-10-28.endive"

    @property
    def since_basil(self) -> bool:
        """Whether it is 2025-03-31 or later: periods on items, `parent` on invoices, no payment on them."""
        return self >= Generation.BASIL

    @property
    def tells_subscription_details(self) -> bool:
        """Whether invoices repeat their subscription's metadata: from 2023-06-29 until basil."""
        return "2023-06-29" <= self < Generation.BASIL


def mark(sale_id: str | None = SALE) -> dict[str, str]:
    """Metadata with our sale id, or empty."""
    return {"sale_id": sale_id} if sale_id else {}


def session(generation: Generation, *, sale_id: str | None = SALE, **fields: Any) -> Json:
    """A completed, paid session of a cart with a subscription."""
    shipping = {"name": BUYER["name"], "address": ADDRESS}
    rendered: Json = {
        "id": "cs_test_one",
        "object": "checkout.session",
        "mode": "subscription",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 12_900,
        "currency": "eur",
        "client_reference_id": sale_id,
        "metadata": mark(sale_id),
        "customer": "cus_one",
        "subscription": "sub_one",
        "payment_intent": None,
        "customer_details": {**BUYER, "phone": None, "address": ADDRESS, "tax_ids": []},
        "customer_email": None,
        "url": None,
    }
    if generation.since_basil:
        rendered |= {"invoice": "in_one", "collected_information": {"shipping_details": shipping}}
    elif generation is Generation.LEGACY:
        rendered |= {"shipping": shipping}
    else:
        rendered |= {"shipping_details": shipping}
    return rendered | fields


def subscription(
    generation: Generation,
    *,
    sale_id: str | None = SALE,
    quantity: int | None = 3,
    period_end: int = PERIOD_END,
    **fields: Any,
) -> Json:
    """An active subscription."""
    item: Json = {
        "id": "si_one",
        "object": "subscription_item",
        "quantity": quantity,
        "subscription": "sub_one",
    }
    rendered: Json = {
        "id": "sub_one",
        "object": "subscription",
        "status": "active",
        "customer": "cus_one",
        "metadata": mark(sale_id),
        "cancel_at": None,
        "cancel_at_period_end": False,
        "quantity": quantity,
    }
    if generation.since_basil:
        item |= {"current_period_start": period_end - 2_592_000, "current_period_end": period_end}
    else:
        rendered |= {"current_period_start": period_end - 2_592_000, "current_period_end": period_end}
    rendered["items"] = {"object": "list", "data": [item], "has_more": False, "total_count": 1}
    return rendered | fields


def invoice(generation: Generation, *, sale_id: str | None = SALE, **fields: Any) -> Json:
    """The first, paid invoice of a subscription. Before 2023-06-29 only its lines carry the metadata."""
    rendered: Json = {
        "id": "in_one",
        "object": "invoice",
        "status": "paid",
        "billing_reason": "subscription_create",
        "amount_due": 12_900,
        "amount_paid": 12_900,
        "attempt_count": 1,
        "currency": "eur",
        "customer": "cus_one",
        "customer_name": BUYER["name"],
        "customer_email": BUYER["email"],
        "metadata": {},
        "lines": {"object": "list", "data": [{"id": "il_one", "metadata": mark(sale_id)}], "has_more": False},
    }
    details = {"subscription": "sub_one", "metadata": mark(sale_id)}
    if generation.since_basil:
        rendered["parent"] = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": details,
        }
    else:
        rendered |= {"subscription": "sub_one", "payment_intent": "pi_one", "charge": "ch_one", "paid": True}
    if generation.tells_subscription_details:
        rendered["subscription_details"] = {"metadata": details["metadata"]}
    return rendered | fields


def devices_invoice(generation: Generation, *, sale_id: str | None = SALE, **fields: Any) -> Json:
    """The invoice that Checkout writes for devices alone (`invoice_creation`)."""
    lonely: Json = {"parent": None} if generation.since_basil else {"subscription": None}
    rendered = invoice(generation, sale_id=None, billing_reason="manual", metadata=mark(sale_id))
    return rendered | lonely | fields


def charge(generation: Generation, *, sale_id: str | None = SALE, **fields: Any) -> Json:
    """A charge that was refunded in full."""
    rendered: Json = {
        "id": "ch_one",
        "object": "charge",
        "amount": 12_900,
        "amount_refunded": 12_900,
        "refunded": True,
        "currency": "eur",
        "payment_intent": "pi_one",
        "metadata": mark(sale_id),
        "billing_details": {**BUYER, "address": ADDRESS},
    }
    if not generation.since_basil:
        rendered["invoice"] = "in_one"
    return rendered | fields
