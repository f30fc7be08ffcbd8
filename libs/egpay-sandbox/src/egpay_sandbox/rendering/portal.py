"""Rendering of billing portal sessions and their configurations."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import PortalConfiguration, PortalSession


def render_portal_session(_: SandboxAccount, portal: PortalSession) -> dict[str, Any]:
    """Renders a portal session (docs.stripe.com/api/customer_portal/sessions/object)."""
    return {
        "id": portal.id,
        "object": "billing_portal.session",
        "configuration": portal.configuration,
        "created": portal.created,
        "customer": portal.customer,
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": portal.return_url,
        "url": portal.url,
    }


def render_configuration(_: SandboxAccount, configuration: PortalConfiguration) -> dict[str, Any]:
    """Renders a configuration (docs.stripe.com/api/customer_portal/configurations/object)."""
    return {
        "id": configuration.id,
        "object": "billing_portal.configuration",
        "active": configuration.active,
        "application": None,
        "business_profile": {
            "headline": configuration.headline,
            "privacy_policy_url": None,
            "terms_of_service_url": None,
        },
        "created": configuration.created,
        "default_return_url": configuration.default_return_url,
        "features": _features(configuration),
        "is_default": False,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": configuration.metadata,
        "name": None,
        "updated": configuration.updated or configuration.created,
    }


def _features(configuration: PortalConfiguration) -> dict[str, Any]:
    return {
        "customer_update": {
            "allowed_updates": configuration.allowed_updates,
            "enabled": configuration.customer_update,
        },
        "invoice_history": {"enabled": configuration.invoice_history},
        "payment_method_update": {
            "enabled": configuration.payment_method_update,
            "payment_method_configuration": None,
        },
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "feedback_options": None, "options": []},
            "enabled": configuration.subscription_cancel,
            "mode": configuration.cancel_mode,
            "proration_behavior": "none",
        },
        "subscription_pause": {
            "duration": {"interval_options": [], "type": "indefinite"},
            "enabled": False,
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": configuration.allowed_plan_updates,
            "enabled": bool(configuration.allowed_plan_updates),
            "products": None,  # only in an answer that is asked to expand it
            "proration_behavior": configuration.proration_behavior,
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }
