"""Stripe's own refusals, so that egpay meets them here and not in production."""


class StripeApiError(Exception):
    """An answer in Stripe's error shape (docs.stripe.com/api/errors)."""

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
    """There is no such object: 404 when the path names it, 400 when a parameter does."""
    return StripeApiError(f"No such {kind}: '{row_id}'", status=status, code="resource_missing", param=param)


def missing_parameter(param: str) -> StripeApiError:
    """A parameter that Stripe insists on."""
    return StripeApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid_parameter(message: str, param: str, code: str | None = None) -> StripeApiError:
    """A parameter whose value Stripe does not take."""
    return StripeApiError(message, code=code, param=param)


def wrong_state(message: str, code: str | None = None) -> StripeApiError:
    """The object is not in a state that allows this."""
    return StripeApiError(message, code=code)
