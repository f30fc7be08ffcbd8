"""Parameters of billing portal configurations."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.requests.paging import ListParams, Params

Update = Literal["address", "email", "name", "phone", "shipping", "tax_id"]


class Switch(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A feature that is only on or off."""

    enabled: bool


class CustomerUpdateFeature(Switch, frozen=True, kw_only=True):
    """Which of their details customers may change."""

    allowed_updates: list[Update] = []


class SubscriptionCancelFeature(Switch, frozen=True, kw_only=True):
    """Whether and when customers may end a subscription."""

    mode: Literal["at_period_end", "immediately"] = "at_period_end"


class PortalProduct(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A product whose prices customers may switch to."""

    product: str
    prices: list[str]


class SubscriptionUpdateFeature(Switch, frozen=True, kw_only=True):
    """What customers may change about a subscription, and to which prices."""

    default_allowed_updates: list[Literal["price", "promotion_code", "quantity"]] = []
    products: list[PortalProduct] = []
    proration_behavior: Literal["always_invoice", "create_prorations", "none"] = "none"


class Features(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Features of a portal, as far as egpay needs them."""

    customer_update: CustomerUpdateFeature = CustomerUpdateFeature(enabled=False)
    invoice_history: Switch = Switch(enabled=False)
    payment_method_update: Switch = Switch(enabled=False)
    subscription_cancel: SubscriptionCancelFeature = SubscriptionCancelFeature(enabled=False)
    subscription_update: SubscriptionUpdateFeature = SubscriptionUpdateFeature(enabled=False)


class BusinessProfile(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How the business shows itself."""

    headline: str | None = None


class ConfigurationCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customer_portal/configurations/create."""

    features: Features
    business_profile: BusinessProfile = BusinessProfile()
    default_return_url: str | None = None
    metadata: dict[str, str] | str | None = None


class ConfigurationUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customer_portal/configurations/update, as far as egpay needs them."""

    features: Features
    metadata: dict[str, str] | str | None = None


class ConfigurationList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customer_portal/configurations/list."""

    active: bool | None = None
    is_default: bool | None = None
