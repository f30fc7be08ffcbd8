"""What is wrong with a request before anybody looks at what it asks for."""

from egpay.domain.errors import Refusal


class MalformedBody(Refusal):
    """The body is not JSON."""


class UnsupportedMediaType(Refusal):
    """The body says it is something else than JSON."""


class BodyTooLarge(Refusal):
    """The body is longer than this route takes."""


class BodyTooSlow(Refusal):
    """The body did not arrive in time, or not at all."""


class MethodNotAllowed(Refusal):
    """The route takes only POST."""


class RateLimited(Refusal):
    """This address has posted too many orders."""

    def __init__(self, retry_after: float) -> None:
        """`retry_after`: seconds until the next one is taken."""
        super().__init__("too many orders from this address")
        self.retry_after = retry_after
