"""The first invoice of a subscription, paid."""

from bench.payloads.shared import ADDRESS, DAY, MARK, NO_TAX, Json, none


def _line(number: int, amount: int) -> Json:
    return {
        "id": f"il_{number}@n@",
        "object": "line_item",
        "amount": amount,
        "currency": "eur",
        "description": "1 x Monitoring (at EUR 29.00 / month)",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": "@invoice@",
        "livemode": False,
        "metadata": MARK,
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": "@subscription@",
                "subscription_item": f"si_{number}@n@",
            },
            "type": "subscription_item_details",
        },
        "period": {"end": DAY + 2_592_000, "start": DAY},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": "price_1ISuPKQK2ZHS99Rkrxy6GwbM", "product": "prod_J54YfEqBTZfFes"},
            "type": "price_details",
            "unit_amount_decimal": str(amount),
        },
        "quantity": 1,
        "subtotal": amount,
        "taxes": [],
    }


def invoice() -> Json:
    totals = "amount_due amount_paid subtotal subtotal_excluding_tax total total_excluding_tax"
    nothing = (
        "amount_overpaid amount_remaining amount_shipping post_payment_credit_notes_amount "
        "pre_payment_credit_notes_amount starting_balance ending_balance"
    )
    return {
        "id": "@invoice@",
        "object": "invoice",
        "account_country": "IE",
        "account_name": "EG",
        **dict.fromkeys(totals.split(), 32_700),
        **dict.fromkeys(nothing.split(), 0),
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": False,
        "automatic_tax": NO_TAX,
        "billing_reason": "subscription_create",
        "collection_method": "charge_automatically",
        "created": DAY,
        "currency": "eur",
        "customer": "@customer@",
        "customer_address": ADDRESS,
        "customer_email": "billing+@n@@harbour.example",
        "customer_name": "Orla Byrne",
        "customer_shipping": {"address": ADDRESS, "name": "Orla Byrne", "phone": None},
        "customer_tax_exempt": "none",
        **{name: [] for name in ("customer_tax_ids", "default_tax_rates", "discounts", "total_taxes")},
        **none(
            "application account_tax_ids automatically_finalizes_at custom_fields customer_phone due_date"
        ),
        "effective_at": DAY,
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_@n@?s=ap",
        "invoice_pdf": "https://pay.stripe.com/invoice/acct_1/test_@n@/pdf?s=ap",
        "issuer": {"type": "self"},
        "lines": {
            "object": "list",
            "data": [_line(1, 29_800), _line(2, 2_900)],
            "has_more": False,
            "total_count": 2,
            "url": "/v1/invoices/@invoice@/lines",
        },
        "livemode": False,
        "metadata": {},
        "number": "EG-@n@",
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": MARK, "subscription": "@subscription@"},
            "type": "subscription_details",
        },
        "payment_settings": none("default_mandate payment_method_options payment_method_types"),
        "period_end": DAY,
        "period_start": DAY,
        "status": "paid",
        "status_transitions": {
            "finalized_at": DAY,
            "marked_uncollectible_at": None,
            "paid_at": DAY,
            "voided_at": None,
        },
        "webhooks_delivered_at": None,
    }
