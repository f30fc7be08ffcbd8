"""Session validation: refuses what Stripe refuses, so that a wrong request fails in development."""

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_parameter
from egpay_sandbox.stripe.customers import existing_customer, validate_email
from egpay_sandbox.stripe.requests.checkout import CustomerUpdate, SessionCreate

_HALF_HOUR = 30 * 60
_DAY = 24 * 3600


def validate_session(account: SandboxAccount, params: SessionCreate) -> None:
    """Raises the first error (docs.stripe.com/api/checkout/sessions/create)."""
    _validate_page(params)
    _validate_mode(params)
    _validate_customer(account, params)
    _validate_expiry(account, params)


def _validate_page(params: SessionCreate) -> None:
    if params.ui_mode != "hosted_page":
        raise invalid_parameter("egpay-sandbox has a hosted page only.", "ui_mode")
    if not params.success_url:
        raise missing_parameter("success_url")
    for param in ("success_url", "cancel_url"):
        url = getattr(params, param)
        if url is not None and not url.startswith(("http://", "https://")):
            raise invalid_parameter(
                "Not a valid URL. URLs must begin with http or https.", param, "url_invalid"
            )
    if params.discounts and params.allow_promotion_codes:
        raise StripeApiError(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
            param="discounts",
        )
    if params.automatic_tax is not None and params.automatic_tax.enabled:
        raise invalid_parameter("egpay-sandbox computes no tax.", "automatic_tax")


def _validate_mode(params: SessionCreate) -> None:
    wrong = {
        "payment": ("subscription_data", "payment_method_collection"),
        "subscription": ("payment_intent_data", "invoice_creation", "customer_creation", "submit_type"),
    }[params.mode]
    for param in wrong:
        if getattr(params, param) is not None:
            raise StripeApiError(f"You can not pass `{param}` in `{params.mode}` mode.", param=param)


def _validate_customer(account: SandboxAccount, params: SessionCreate) -> None:
    if params.customer is None:
        if params.customer_update is not None:
            raise StripeApiError(
                "`customer_update` can only be used with `customer`.", param="customer_update"
            )
        if params.customer_email is not None:
            validate_email(params.customer_email, "customer_email")
        return
    existing_customer(account, params.customer, "customer")
    for param in ("customer_email", "customer_creation"):
        if getattr(params, param) is not None:
            raise StripeApiError(
                f"You may only specify one of these parameters: customer, {param}.", param=param
            )
    _validate_customer_update(params)


def _validate_customer_update(params: SessionCreate) -> None:
    """Checks what the page collects against what it may write to the customer (docs.stripe.com/tax/checkout/tax-ids)."""
    update = params.customer_update or CustomerUpdate()
    if params.tax_id_collection and params.tax_id_collection.enabled and update.name != "auto":
        raise StripeApiError(
            "Tax ID collection requires updating business name on the customer. To enable tax ID collection for "
            "an existing customer, please set `customer_update[name]` to `auto`.",
            param="customer_update",
        )
    if update.shipping == "auto" and params.shipping_address_collection is None:
        raise StripeApiError(
            "`customer_update[shipping]` needs `shipping_address_collection`.", param="customer_update"
        )


def _validate_expiry(account: SandboxAccount, params: SessionCreate) -> None:
    """Checks that `expires_at` is 30 minutes to 24 hours ahead, with a margin for a slow request."""
    if params.expires_at is None:
        return
    ahead = params.expires_at - account.clock.now()
    if not _HALF_HOUR - 5 <= ahead <= _DAY + 60:
        raise invalid_parameter(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout "
            "Session creation.",
            "expires_at",
        )
