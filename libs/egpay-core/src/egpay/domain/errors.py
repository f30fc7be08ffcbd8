"""Errors by who must act, so that each entry point maps them to a response in one place.

    EgpayError
    ├── Refusal     the caller must change something      HTTP 4xx
    ├── Outage      the world must recover; try again     HTTP 503, nak with growing delay
    │   ├── HeldByAnother       a lease of ours is not over: nak until it is
    │   ├── PausedByProvider    all our requests are to wait
    │   └── RefusedByProvider   we are refused, whatever we ask: an alarm
    └── Defect      we must change something              HTTP 500, parked in dead_letters
        └── RequestRefused      a provider refuses this one request, and would again

No message of these ever carries a secret, a name or an address: they are logged and shown.
"""


class EgpayError(Exception):
    """Base of every error that egpay raises on purpose."""


class Refusal(EgpayError):
    """Refusal: the caller must change something before the next request."""


class Outage(EgpayError):
    """Outage: something outside does not answer now, and a retry may succeed later."""

    def __init__(self, message: str, *, retry_after: float | None = None, undone: bool = False) -> None:
        """Take what is out of reach and, where it says so, the seconds to wait before a retry.

        `undone` says that the other side certainly did not do what was asked, so that a claim on it may end.
        """
        super().__init__(message)
        self.retry_after = retry_after
        self.undone = undone


class HeldByAnother(Outage):
    """Lease of another worker that is not over: `retry_after` is what is left of it, and earlier tries say nothing."""


class PausedByProvider(Outage):
    """Pause: a provider asks that all our requests wait (429 or 503 with Retry-After)."""


class RefusedByProvider(Outage):
    """Alarm: a provider refuses us and not the one request, so that only a person ends it.

    Our credentials, our address of it, or its own set-up are wrong. Every request would fail alike, so none
    is dead-lettered.
    """

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        """Take the status of the answer, for the alarm; a request that was refused was not carried out."""
        super().__init__(message, retry_after=retry_after, undone=True)
        self.status = status


class Defect(EgpayError):
    """Defect: our rules or code cannot handle this, so it is dead-lettered with its reason until they can."""


class RequestRefused(Defect):
    """Refused request: a provider does not accept what we sent, and would not accept it later either."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Take the provider's code, the parameter that it names, and the id by which its support finds the request."""
        super().__init__(message)
        self.code = code
        self.param = param
        self.request_id = request_id
