"""Rendering of charges: one for every attempt to collect money."""

from typing import Any

from egpay_sandbox.rendering.customer import render_shipping
from egpay_sandbox.rendering.payment_method import billing_details, payment_method_details
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Charge

# Fields that are the same on every charge of this account.
_SAME: dict[str, Any] = {
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "calculated_statement_descriptor": "EGPAY SANDBOX",
    "failure_balance_transaction": None,
    "fraud_details": {},
    "livemode": False,
    "on_behalf_of": None,
    "radar_options": {},
    "receipt_email": None,
    "receipt_number": None,
    "review": None,
    "source": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}


def render_charge(account: SandboxAccount, charge: Charge) -> dict[str, Any]:
    """Renders a charge (docs.stripe.com/api/charges/object)."""
    good = charge.status == "succeeded"
    return {
        "id": charge.id,
        "object": "charge",
        **_SAME,
        "amount": charge.amount,
        "amount_captured": charge.amount if good else 0,
        "amount_refunded": charge.amount_refunded,
        "balance_transaction": charge.balance_transaction,
        "billing_details": billing_details(charge.email, charge.name),
        "captured": good,
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "disputed": charge.disputed,
        "failure_code": None if charge.failure is None else "card_declined",
        "failure_message": charge.failure,
        "metadata": charge.metadata,
        "outcome": _outcome(charge),
        "paid": good,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method,
        "payment_method_details": payment_method_details(charge),
        "receipt_url": f"{account.settings.public_url}/receipts/{charge.id}" if good else None,
        "refunded": 0 < charge.amount == charge.amount_refunded,
        "shipping": render_shipping(charge.shipping, parcel=True),
        "status": charge.status,
    }


def _outcome(charge: Charge) -> dict[str, Any]:
    declined = charge.failure is not None
    return {
        "advice_code": "try_again_later" if declined else None,
        "network_advice_code": None,
        "network_decline_code": "01" if declined else None,
        "network_status": "declined_by_network" if declined else "approved_by_network",
        "reason": "generic_decline" if declined else None,
        "risk_level": "normal",
        "risk_score": 13,
        "seller_message": "The bank did not return any further details with this decline."
        if declined
        else "Payment complete.",
        "type": "issuer_declined" if declined else "authorized",
    }
