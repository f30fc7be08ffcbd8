"""Portal configurations: a new account has none, and without one no portal session can be created."""

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import invalid_parameter, wrong_state
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import PortalConfiguration
from egpay_sandbox.stripe.requests.portal import ConfigurationCreate, ConfigurationList


def create_configuration(account: SandboxAccount, params: ConfigurationCreate) -> PortalConfiguration:
    """Creates a configuration, never the account's default, which is saved in the dashboard alone."""
    features = params.features
    if features.customer_update.enabled and not features.customer_update.allowed_updates:
        raise invalid_parameter(
            "You must specify what a customer may update.", "features[customer_update][allowed_updates]"
        )
    configuration = account.portal_configurations.store(
        PortalConfiguration(
            id=new_id("bpc"),
            created=account.clock.now(),
            customer_update=features.customer_update.enabled,
            allowed_updates=list(features.customer_update.allowed_updates),
            invoice_history=features.invoice_history.enabled,
            payment_method_update=features.payment_method_update.enabled,
            subscription_cancel=features.subscription_cancel.enabled,
            cancel_mode=features.subscription_cancel.mode,
            headline=params.business_profile.headline,
            default_return_url=params.default_return_url,
            metadata=merge_metadata({}, params.metadata),
        )
    )
    account.emit("billing_portal.configuration.created", configuration)
    return configuration


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
