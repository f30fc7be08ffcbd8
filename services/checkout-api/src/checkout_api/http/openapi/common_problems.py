"""Problems that several OpenAPI operations share."""

from checkout_api.http import problem_types as problems

BODY = (
    problems.MALFORMED,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNSUPPORTED,
    problems.VALIDATION,
    problems.RATE_LIMITED,
    problems.UNAVAILABLE,
)
"""Of a route that takes a form."""

PROVIDER = (
    problems.RATE_LIMITED,
    problems.PROVIDER_REFUSED,
    problems.PROVIDER_DOWN,
    problems.UNAVAILABLE,
)
"""Of a route that asks the payment provider for a page."""
