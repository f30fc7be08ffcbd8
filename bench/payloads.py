"""Webhooks of a purchase as Stripe sends them, 4 to 7 KB each: the load must weigh what real events weigh.

The shapes are those of API version 2026-03-25.dahlia (docs.stripe.com/api); `@name@` is filled in per purchase.
"""

import json
from typing import Any

VERSION = "2026-03-25.dahlia"
KINDS = ("checkout.session.completed", "customer.subscription.updated", "invoice.payment_succeeded")

Json = dict[str, Any]
_DAY = 1_795_000_000
_PERIOD = {"current_period_end": _DAY + 2_592_000, "current_period_start": _DAY}
_ADDRESS = {
    "city": "Dublin",
    "country": "IE",
    "line1": "12 Harbour Street",
    "line2": None,
    "postal_code": "D02 XE80",
    "state": None,
}
_MARK = {"sale_id": "@sale@"}
_NO_TAX = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}


def _none(names: str) -> Json:
    return dict.fromkeys(names.split())


def _session() -> Json:
    return {
        "id": "@session@",
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        **_none("after_expiration allow_promotion_codes"),
        "amount_subtotal": 32_700,
        "amount_total": 32_700,
        "automatic_tax": _NO_TAX,
        "billing_address_collection": "auto",
        "branding_settings": {
            "background_color": "#ffffff",
            "border_style": "rounded",
            "button_color": "#0074d4",
            "display_name": "EG",
            "font_family": "default",
            **_none("icon logo"),
        },
        "cancel_url": "https://shop.example/cancelled?session_id={CHECKOUT_SESSION_ID}",
        "client_reference_id": "@sale@",
        "client_secret": None,
        "collected_information": {
            **_none("business_name individual_name"),
            "shipping_details": {"address": _ADDRESS, "name": "Orla Byrne"},
        },
        **_none("consent consent_collection"),
        "created": _DAY,
        "currency": "eur",
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": _none("after_submit shipping_address submit terms_of_service_acceptance"),
        "customer": "@customer@",
        **_none("customer_account customer_creation"),
        "customer_details": {
            "address": _ADDRESS,
            **_none("business_name individual_name"),
            "email": "billing+@n@@harbour.example",
            "name": "Orla Byrne",
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "customer_email": None,
        "discounts": [],
        "expires_at": _DAY + 86_400,
        "integration_identifier": None,
        "invoice": "@invoice@",
        "invoice_creation": None,
        "livemode": False,
        "locale": None,
        "metadata": _MARK,
        "mode": "subscription",
        **_none("origin_context payment_intent payment_link"),
        "payment_method_collection": "always",
        "payment_method_configuration_details": {"id": "pmc_1SuPKQK2ZHS99Rkrxy6GwbM", "parent": None},
        "payment_method_options": {
            "card": {"request_three_d_secure": "automatic"},
            "us_bank_account": {
                "financial_connections": {"permissions": ["payment_method"], "prefetch": []},
                "verification_method": "automatic",
            },
        },
        "payment_method_types": ["card", "klarna", "link", "sepa_debit"],
        "payment_status": "paid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always"],
            **_none("payment_method_remove payment_method_save"),
        },
        "setup_intent": None,
        "shipping_address_collection": {"allowed_countries": ["AT", "BE", "DE", "FR", "GB", "IE", "NL"]},
        "shipping_cost": None,
        "shipping_options": [],
        "status": "complete",
        "submit_type": None,
        "subscription": "@subscription@",
        "success_url": "https://shop.example/done?session_id={CHECKOUT_SESSION_ID}",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        **_none("url wallet_options"),
    }


def _item(number: int, amount: int) -> Json:
    price = f"price_{number}ISuPKQK2ZHS99Rkrxy6GwbM"
    recurring = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    return {
        "id": f"si_{number}@n@",
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": _DAY,
        **_PERIOD,
        "discounts": [],
        "metadata": {},
        "plan": {
            "id": price,
            "object": "plan",
            "active": True,
            "amount": amount,
            "amount_decimal": str(amount),
            "billing_scheme": "per_unit",
            "created": _DAY - 9_999_999,
            "currency": "eur",
            "livemode": False,
            "metadata": {},
            **_none("meter nickname tiers_mode transform_usage trial_period_days"),
            "product": "prod_J54YfEqBTZfFes",
            **recurring,
        },
        "price": {
            "id": price,
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": _DAY - 9_999_999,
            "currency": "eur",
            "custom_unit_amount": None,
            "livemode": False,
            "metadata": {},
            **_none("lookup_key nickname tiers_mode transform_quantity"),
            "product": "prod_J54YfEqBTZfFes",
            "recurring": {**recurring, **_none("meter trial_period_days")},
            "tax_behavior": "unspecified",
            "type": "recurring",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        },
        "quantity": 1,
        "subscription": "@subscription@",
        "tax_rates": [],
    }


def _subscription() -> Json:
    return {
        "id": "@subscription@",
        "object": "subscription",
        **_none("application application_fee_percent"),
        "automatic_tax": _NO_TAX,
        "billing_cycle_anchor": _DAY,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": _DAY,
        },
        **_none("billing_thresholds cancel_at"),
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": _none("comment feedback reason"),
        "collection_method": "charge_automatically",
        "created": _DAY,
        "currency": "eur",
        "customer": "@customer@",
        **_none("customer_account days_until_due"),
        "default_payment_method": "pm_1TGnErQK2ZHS99RkHpVN5MOi",
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": [_item(1, 2_900), _item(2, 900)],
            "has_more": False,
            "total_count": 2,
            "url": "/v1/subscription_items?subscription=@subscription@",
        },
        "latest_invoice": "@invoice@",
        "livemode": False,
        "metadata": _MARK,
        **_none("next_pending_invoice_item_invoice on_behalf_of pause_collection"),
        "payment_settings": {
            "payment_method_options": _none("acss_debit bancontact card customer_balance konbini sepa_debit"),
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        **_none("pending_invoice_item_interval pending_setup_intent pending_update schedule"),
        "start_date": _DAY,
        "status": "active",
        **_none("test_clock transfer_data trial_end"),
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }


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
        "metadata": _MARK,
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
        "period": {"end": _DAY + 2_592_000, "start": _DAY},
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


def _invoice() -> Json:
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
        "automatic_tax": _NO_TAX,
        "billing_reason": "subscription_create",
        "collection_method": "charge_automatically",
        "created": _DAY,
        "currency": "eur",
        "customer": "@customer@",
        "customer_address": _ADDRESS,
        "customer_email": "billing+@n@@harbour.example",
        "customer_name": "Orla Byrne",
        "customer_shipping": {"address": _ADDRESS, "name": "Orla Byrne", "phone": None},
        "customer_tax_exempt": "none",
        **{name: [] for name in ("customer_tax_ids", "default_tax_rates", "discounts", "total_taxes")},
        **_none(
            "application account_tax_ids automatically_finalizes_at custom_fields customer_phone due_date"
        ),
        "effective_at": _DAY,
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
            "subscription_details": {"metadata": _MARK, "subscription": "@subscription@"},
            "type": "subscription_details",
        },
        "payment_settings": _none("default_mandate payment_method_options payment_method_types"),
        "period_end": _DAY,
        "period_start": _DAY,
        "status": "paid",
        "status_transitions": {
            "finalized_at": _DAY,
            "marked_uncollectible_at": None,
            "paid_at": _DAY,
            "voided_at": None,
        },
        "webhooks_delivered_at": None,
    }


def template(kind: str) -> str:
    """The whole event, indented as Stripe sends it, with places for the ids of a purchase."""
    content = {KINDS[0]: _session, KINDS[1]: _subscription, KINDS[2]: _invoice}[kind]()
    data: Json = {"object": content}
    if kind == KINDS[1]:
        data["previous_attributes"] = {"status": "incomplete"}
    envelope = {
        "id": "@event@",
        "object": "event",
        "api_version": VERSION,
        "created": _DAY,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return json.dumps(envelope, indent=2)
