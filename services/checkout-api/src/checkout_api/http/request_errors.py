"""Request errors: refusals by form, size, time or rate, before the content is looked at."""

from egpay.domain.errors import Refusal


class MalformedBody(Refusal):
    """The body is not JSON."""


class UnsupportedMediaType(Refusal):
    """The content type is not JSON."""


class BodyTooLarge(Refusal):
    """The body is longer than the limit of its route."""


class BodyTooSlow(Refusal):
    """The body did not arrive in time, or not at all."""


class MethodNotAllowed(Refusal):
    """The route takes only POST."""


class Unauthorized(Refusal):
    """There is no API key, or one that is not ours; which of them is not told."""


class RateLimited(Refusal):
    """This address has sent too many requests."""

    def __init__(self, retry_after: float) -> None:
        """Refuse for `retry_after` seconds."""
        super().__init__("too many requests from this address")
        self.retry_after = retry_after
