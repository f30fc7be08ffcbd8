"""Purchase report: one purchase step by step, each with its cause; a missing step is an error."""

from collections.abc import Mapping
from typing import Any

from egpay_local.demo_buyer import PurchaseFailed

_REQUIRED_FIELDS = {
    "checkout_session_id": "the Checkout session",
    "subscription_id": "the subscription",
    "organisation_id": "the organisation",
    "user_id": "the user",
    "shipment_status": "the shipment",
}
_REQUIRED_STEPS = {"webhook.": "a webhook", "email.": "the introduction e-mail"}


def render(
    operator_view: Mapping[str, Any], email: Mapping[str, Any], storefront_view: Mapping[str, Any]
) -> str:
    """Renders the operator's and the buyer's views of the sale; raises when a part is missing."""
    sale, timeline = operator_view["sale"], operator_view["timeline"]
    missing = [what for field, what in _REQUIRED_FIELDS.items() if not sale.get(field)]
    missing += [
        what
        for kind, what in _REQUIRED_STEPS.items()
        if not any(step["kind"].startswith(kind) for step in timeline)
    ]
    if missing:
        raise PurchaseFailed(f"the purchase went through, but the operator does not see {', '.join(missing)}")
    width = max(len(step["kind"]) for step in timeline)
    steps = [
        f"  {step['at'][11:23]}  {step['kind']:<{width}}  {step['what']}{_cause(step)}" for step in timeline
    ]
    shipment = storefront_view["shipment"]
    results = {
        "sale": f"{sale['id']} is {sale['status']}, session {sale['checkout_session_id']}",
        "subscription": f"{sale['subscription_id']} is {sale.get('subscription_status')}",
        "organisation": f"{sale['organisation_id']} with user {sale['user_id']}",
        "e-mail": f'"{email.get("subject", "")}"',
        "shipment": f"{shipment['status']}, {shipment.get('tracking_url') or 'not tracked yet'}",
    }
    summary = [f"  {name:<12}  {what}" for name, what in results.items()]
    return "\n".join(["", "One purchase, from the order to the parcel:", "", *steps, "", *summary, "", ""])


def _cause(step: Mapping[str, Any]) -> str:
    return f"  ({step['cause']})" if step.get("cause") else ""
