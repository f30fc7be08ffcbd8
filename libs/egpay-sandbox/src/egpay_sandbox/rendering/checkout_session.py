"""Rendering of sessions: url only while open, subscription and invoice only when complete."""

from typing import Any

from egpay_sandbox.rendering.customer import render_address, render_shipping
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import CheckoutSession

# Fields that are the same on every session of this account (from a recorded 2026-03-25.dahlia session).
_SAME: dict[str, Any] = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_account": None,
    "integration_identifier": None,
    "livemode": False,
    "origin_context": None,
    "payment_link": None,
    "payment_method_configuration_details": {"id": "pmc_1Sandbox0000000000000000", "parent": None},
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "payment_method_types": ["card", "sepa_debit"],
    "permissions": None,
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_cost": None,
    "shipping_options": [],
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
_BRANDING = {
    "background_color": "#ffffff",
    "border_style": "rounded",
    "button_color": "#0074d4",
    "display_name": "egpay sandbox",
    "font_family": "default",
    "icon": None,
    "logo": None,
}


def render_session(account: SandboxAccount, session: CheckoutSession) -> dict[str, Any]:
    """Renders a Checkout Session (docs.stripe.com/api/checkout/sessions/object)."""
    done = session.status == "complete"
    return {
        "id": session.id,
        "object": "checkout.session",
        **_SAME,
        **_amounts(session),
        "billing_address_collection": session.billing_address_collection,
        "branding_settings": _BRANDING,
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "collected_information": _collected(session),
        "created": session.created,
        "currency": session.currency,
        "customer": session.customer,
        "customer_creation": session.customer_creation,
        "customer_details": _details(account, session),
        "customer_email": session.customer_email,
        "discounts": _discounts(account, session),
        "expires_at": session.expires_at,
        "invoice": session.invoice if done else None,
        "invoice_creation": _invoice_creation(session),
        "locale": session.locale,
        "metadata": session.metadata,
        "mode": session.mode,
        "payment_intent": session.payment_intent,
        "payment_method_collection": "always" if session.mode == "subscription" else "if_required",
        "payment_status": session.payment_status,
        "phone_number_collection": {"enabled": session.phone_number_collection},
        "shipping_address_collection": _countries(session),
        "status": session.status,
        "submit_type": session.submit_type,
        "subscription": session.subscription if done else None,
        "success_url": session.success_url,
        "tax_id_collection": {"enabled": session.tax_id_collection, "required": session.tax_id_required},
        "url": session.url if session.status == "open" else None,
    }


def _amounts(session: CheckoutSession) -> dict[str, Any]:
    discounted = sum(line.discount for line in session.lines)
    return {
        "allow_promotion_codes": session.allow_promotion_codes,
        "amount_subtotal": sum(line.amount for line in session.lines),
        "amount_total": session.amount_total,
        "total_details": {"amount_discount": discounted, "amount_shipping": 0, "amount_tax": 0},
    }


def _collected(session: CheckoutSession) -> dict[str, Any]:
    shipping = render_shipping(session.shipping)
    if shipping is not None:
        shipping.pop("phone")
    return {"business_name": None, "individual_name": None, "shipping_details": shipping}


def _details(account: SandboxAccount, session: CheckoutSession) -> dict[str, Any] | None:
    known = account.customers.get(session.customer)
    email = session.buyer_email or session.customer_email or (known.email if known else None)
    if email is None and known is None:
        return None
    complete = session.status == "complete"
    return {
        "address": render_address(session.buyer_address),
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": session.buyer_name,
        "phone": None,
        "tax_exempt": "none" if complete else None,
        "tax_ids": _tax_ids(session) if complete else None,
    }


def _discounts(account: SandboxAccount, session: CheckoutSession) -> list[dict[str, Any]]:
    discount = account.discounts.get(session.discount)
    if discount is None:
        return []
    code = discount.promotion_code
    return [{"coupon": None if code else discount.coupon, "promotion_code": code}]


def _tax_ids(session: CheckoutSession) -> list[dict[str, Any]]:
    return [{"type": "eu_vat", "value": session.buyer_tax_id}] if session.buyer_tax_id else []


def _invoice_creation(session: CheckoutSession) -> dict[str, Any] | None:
    if session.mode == "subscription":
        return None
    return {
        "enabled": session.invoice_creation,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": session.invoice_description,
            "footer": None,
            "issuer": None,
            "metadata": session.invoice_metadata,
            "rendering_options": None,
        },
    }


def _countries(session: CheckoutSession) -> dict[str, list[str]] | None:
    return None if session.allowed_countries is None else {"allowed_countries": session.allowed_countries}
