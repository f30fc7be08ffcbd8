"""Portal objects: what a billing portal lets a customer do."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata


class PortalConfiguration(
    msgspec.Struct, frozen=True, kw_only=True, tag="billing_portal.configuration", tag_field="object"
):
    """Configuration of a billing portal; a session needs one (docs.stripe.com/api/customer_portal/configurations)."""

    id: str
    created: int
    active: bool = True
    customer_update: bool = False
    allowed_updates: list[str] = []
    invoice_history: bool = False
    payment_method_update: bool = False
    subscription_cancel: bool = False
    cancel_mode: Literal["at_period_end", "immediately"] = "at_period_end"
    allowed_plan_updates: list[str] = []
    plans: dict[str, list[str]] = {}
    proration_behavior: Literal["always_invoice", "create_prorations", "none"] = "none"
    headline: str | None = None
    default_return_url: str | None = None
    metadata: Metadata = {}
    updated: int = 0
