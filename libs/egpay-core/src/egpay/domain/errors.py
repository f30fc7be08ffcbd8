"""Every failure says who must act, so that each door can answer it in one place.

    EgpayError
    ├── Refusal     the caller must change something      HTTP 4xx
    ├── Outage      the world must recover; try again     HTTP 503, nak with growing delay
    └── Defect      we must change something              HTTP 500, parked in dead_letters

No message of these ever carries a secret, a name or an address: they are logged and shown.
"""


class EgpayError(Exception):
    """Anything egpay raises on purpose."""


class Refusal(EgpayError):
    """The caller must change something before asking again."""


class Outage(EgpayError):
    """Something outside does not answer now; the same request may succeed later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Take what is out of reach and, where it told us, the seconds to wait before the next try."""
        super().__init__(message)
        self.retry_after = retry_after


class Defect(EgpayError):
    """Our own rules or code cannot handle this; it is set aside with its reason until they can."""
