"""Rendering of payment methods: bank accounts, and the card that every test uses."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Charge, PaymentMethod

_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


_CARD = {"brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2034, "funding": "credit"}


_DEBIT = {"bank_code": "19043", "branch_code": None, "country": "AT", "last4": "3201"}


_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def render_payment_method(_: SandboxAccount, method: PaymentMethod) -> dict[str, Any]:
    """Renders a payment method (docs.stripe.com/api/payment_methods/object)."""
    card = {
        **_CARD,
        "brand": method.brand,
        "checks": _CHECKS,
        "display_brand": method.brand,
        "fingerprint": "SandboxFingerpr1",
        "generated_from": None,
        "last4": method.last4,
        "networks": {"available": [method.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    debit = {**_DEBIT, "fingerprint": "SandboxFingerpr2", "generated_from": None}
    return {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(method.email, method.name),
        "created": method.created,
        "customer": method.customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": method.type,
        method.type: card if method.type == "card" else debit,
    }


def billing_details(email: str | None, name: str | None) -> dict[str, Any]:
    """Renders the payer's details as the bank reports them."""
    return {"address": dict(_NO_ADDRESS), "email": email, "name": name, "phone": None, "tax_id": None}


def payment_method_details(charge: Charge) -> dict[str, Any]:
    """Renders how a charge was paid."""
    if charge.means == "sepa_debit":
        debit = {**_DEBIT, "expected_debit_date": None, "fingerprint": "SandboxFingerpr2", "mandate": None}
        return {"sepa_debit": debit, "type": "sepa_debit"}
    good = charge.status == "succeeded"
    card = {
        **_CARD,
        "amount_authorized": charge.amount if good else None,
        "authorization_code": "188790" if good else None,
        "checks": _CHECKS,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": "SandboxFingerpr1",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": "4242" if good else "0002",
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": "119528868122817",
        "overcapture": {"maximum_amount_capturable": charge.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
    return {"card": card, "type": "card"}
