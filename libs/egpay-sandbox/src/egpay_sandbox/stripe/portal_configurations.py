"""Portal configurations: a new account has none, and without one no portal session can be created."""

from typing import Any

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import invalid_parameter, wrong_state
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import PortalConfiguration
from egpay_sandbox.stripe.requests.portal import (
    ConfigurationCreate,
    ConfigurationList,
    ConfigurationUpdate,
    Features,
    SubscriptionUpdateFeature,
)

_PLANS = "features[subscription_update]"


_MOST_PRODUCTS = 10


def create_configuration(account: SandboxAccount, params: ConfigurationCreate) -> PortalConfiguration:
    """Creates a configuration, never the account's default, which is saved in the dashboard alone."""
    configuration = account.portal_configurations.store(
        PortalConfiguration(
            id=new_id("bpc"),
            created=account.clock.now(),
            headline=params.business_profile.headline,
            default_return_url=params.default_return_url,
            metadata=merge_metadata({}, params.metadata),
            **_features(account, params.features),
        )
    )
    account.emit("billing_portal.configuration.created", configuration)
    return configuration


def update_configuration(
    account: SandboxAccount, configuration_id: str, params: ConfigurationUpdate
) -> PortalConfiguration:
    """Replaces the features of a configuration; open sessions follow it."""
    known = get_or_404(account.portal_configurations, configuration_id, "configuration")
    configuration = account.portal_configurations.store(
        msgspec.structs.replace(
            known,
            metadata=merge_metadata(known.metadata, params.metadata),
            updated=account.clock.now(),
            **_features(account, params.features),
        )
    )
    account.emit("billing_portal.configuration.updated", configuration)
    return configuration


def _features(account: SandboxAccount, features: Features) -> dict[str, Any]:
    if features.customer_update.enabled and not features.customer_update.allowed_updates:
        raise invalid_parameter(
            "You must specify what a customer may update.", "features[customer_update][allowed_updates]"
        )
    return {
        "customer_update": features.customer_update.enabled,
        "allowed_updates": list(features.customer_update.allowed_updates),
        "invoice_history": features.invoice_history.enabled,
        "payment_method_update": features.payment_method_update.enabled,
        "subscription_cancel": features.subscription_cancel.enabled,
        "cancel_mode": features.subscription_cancel.mode,
        **_plan_changes(account, features.subscription_update),
    }


def _plan_changes(account: SandboxAccount, feature: SubscriptionUpdateFeature) -> dict[str, Any]:
    """Refuses what Stripe does: nothing to change, more than ten products, a price that is not the product's."""
    if not feature.enabled:
        return {"allowed_plan_updates": [], "plans": {}, "proration_behavior": "none"}
    if not feature.default_allowed_updates:
        raise invalid_parameter("You must specify what can be updated.", f"{_PLANS}[default_allowed_updates]")
    if not 0 < len(feature.products) <= _MOST_PRODUCTS:
        raise invalid_parameter(
            f"You must specify between 1 and {_MOST_PRODUCTS} products.", f"{_PLANS}[products]"
        )
    for number, offer in enumerate(feature.products):
        for name in offer.prices:
            price = get_or_404(account.prices, name, "price")
            if price.product != offer.product or price.recurring is None or not price.active:
                raise invalid_parameter(
                    f"The price `{name}` is no active, recurring price of `{offer.product}`.",
                    f"{_PLANS}[products][{number}][prices]",
                )
    return {
        "allowed_plan_updates": list(feature.default_allowed_updates),
        "plans": {offer.product: offer.prices for offer in feature.products},
        "proration_behavior": feature.proration_behavior,
    }


def list_configurations(account: SandboxAccount, params: ConfigurationList) -> list[PortalConfiguration]:
    """Lists newest first; none is the default."""
    if params.is_default:
        return []
    rows = account.portal_configurations.newest_first()
    return [row for row in rows if params.active in (None, row.active)]


def require_configuration(account: SandboxAccount, configuration_id: str | None) -> PortalConfiguration:
    """Loads the configuration of a new session; refuses as Stripe does where the default was never saved."""
    if configuration_id is None:
        raise wrong_state(
            "No configuration provided and your test mode default configuration has not been created. Provide a "
            "configuration or create your default by saving your customer portal settings in test mode at "
            "https://dashboard.stripe.com/test/settings/billing/portal."
        )
    return get_or_404(account.portal_configurations, configuration_id, "configuration")
