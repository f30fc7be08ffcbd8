"""What Stripe refuses when a session is opened, so that a wrong request fails on a desk."""

from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_parameter
from egpay_sandbox.stripe.customers import checked_email
from egpay_sandbox.stripe.requests.checkout import SessionCreate

_HALF_HOUR = 30 * 60
_DAY = 24 * 3600


def check(account: SandboxAccount, asked: SessionCreate) -> None:
    """Raise the first refusal (docs.stripe.com/api/checkout/sessions/create)."""
    _check_page(asked)
    _check_mode(asked)
    _check_customer(account, asked)
    _check_expiry(account, asked)


def _check_page(asked: SessionCreate) -> None:
    if asked.ui_mode != "hosted_page":
        raise invalid_parameter("egpay-sandbox has a hosted page only.", "ui_mode")
    if not asked.success_url:
        raise missing_parameter("success_url")
    for param in ("success_url", "cancel_url"):
        url = getattr(asked, param)
        if url is not None and not url.startswith(("http://", "https://")):
            raise invalid_parameter(
                "Not a valid URL. URLs must begin with http or https.", param, "url_invalid"
            )
    if asked.automatic_tax is not None and asked.automatic_tax.enabled:
        raise invalid_parameter("egpay-sandbox computes no tax.", "automatic_tax")


def _check_mode(asked: SessionCreate) -> None:
    wrong = {
        "payment": ("subscription_data", "payment_method_collection"),
        "subscription": ("payment_intent_data", "invoice_creation", "customer_creation", "submit_type"),
    }[asked.mode]
    for param in wrong:
        if getattr(asked, param) is not None:
            raise StripeApiError(f"You can not pass `{param}` in `{asked.mode}` mode.", param=param)


def _check_customer(account: SandboxAccount, asked: SessionCreate) -> None:
    if asked.customer is None:
        if asked.customer_update is not None:
            raise StripeApiError(
                "`customer_update` can only be used with `customer`.", param="customer_update"
            )
        if asked.customer_email is not None:
            checked_email(asked.customer_email, "customer_email")
        return
    sought(account.customers, asked.customer, "customer")
    for param in ("customer_email", "customer_creation"):
        if getattr(asked, param) is not None:
            raise StripeApiError(
                f"You may only specify one of these parameters: customer, {param}.", param=param
            )


def _check_expiry(account: SandboxAccount, asked: SessionCreate) -> None:
    """`expires_at` lies 30 minutes to 24 hours ahead, give or take a slow request."""
    if asked.expires_at is None:
        return
    ahead = asked.expires_at - account.clock.now()
    if not _HALF_HOUR - 5 <= ahead <= _DAY + 60:
        raise invalid_parameter(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout "
            "Session creation.",
            "expires_at",
        )
