"""Stripe's API errors, so that egpay meets them here and not first in production."""


class StripeApiError(Exception):
    """Raised to answer in Stripe's error shape (docs.stripe.com/api/errors)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param


def missing_resource(kind: str, row_id: str, param: str = "id", *, status: int = 404) -> StripeApiError:
    """Builds the error of a missing object: 404 when the path names it, 400 when a parameter does."""
    return StripeApiError(f"No such {kind}: '{row_id}'", status=status, code="resource_missing", param=param)


def missing_parameter(param: str) -> StripeApiError:
    """Builds the error of a parameter that Stripe requires."""
    return StripeApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid_parameter(message: str, param: str, code: str | None = None) -> StripeApiError:
    """Builds the error of a parameter whose value Stripe does not accept."""
    return StripeApiError(message, code=code, param=param)


def wrong_state(message: str, code: str | None = None) -> StripeApiError:
    """Builds the error of an object that is not in a state that allows this."""
    return StripeApiError(message, code=code)
