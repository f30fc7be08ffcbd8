"""Errors by who must act, so that each entry point maps them to a response in one place.

    EgpayError
    ├── Refusal     the caller must change something      HTTP 4xx
    ├── Outage      the world must recover; try again     HTTP 503, nak with growing delay
    └── Defect      we must change something              HTTP 500, parked in dead_letters

No message of these ever carries a secret, a name or an address: they are logged and shown.
"""


class EgpayError(Exception):
    """Base of every error that egpay raises on purpose."""


class Refusal(EgpayError):
    """Refusal: the caller must change something before the next request."""


class Outage(EgpayError):
    """Outage: something outside does not answer now, and a retry may succeed later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Take what is out of reach and, where it says so, the seconds to wait before a retry."""
        super().__init__(message)
        self.retry_after = retry_after


class Defect(EgpayError):
    """Defect: our rules or code cannot handle this, so it is dead-lettered with its reason until they can."""
