"""Errors of the use cases: why an order is refused, in words that a storefront can act on."""

from collections.abc import Sequence

import msgspec

from egpay.domain.errors import Defect, Outage, Refusal


class FieldError(msgspec.Struct, frozen=True):
    """One thing to correct; `field` is its path in the body, such as `line_items[0].quantity`."""

    field: str
    message: str


class InvalidOrder(Refusal):
    """Validation failed; `errors` names all missing or wrong fields, none with the value that was sent."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Hold all errors, in the order of the body."""
        super().__init__("there are fields that are missing or wrong")
        self.errors = tuple(errors)


class AlreadySubscribed(Refusal):
    """A subscription of the e-mail goes on and the cart holds another; an organisation has one at a time."""

    manage_url: str = ""
    """Where a link to manage the subscription is asked for; the route knows it."""


class LinkGone(Refusal):
    """The link to the billing portal is unknown, used or expired; which of them is not told."""


class InvitationUsed(Refusal):
    """The invitation was used: its admin has entered."""


class InvitationExpired(Refusal):
    """The invitation is past its time, void or unknown; which of them is not told."""


class IdempotencyMismatch(Refusal):
    """The key was used before, for another order."""


class IdempotencyInProgress(Refusal):
    """The first request with this key has not been answered yet."""


class PaymentProviderDown(Outage):
    """The payment provider opened no session now. The sale is stored: the same key continues it."""


class CatalogueNotSynced(PaymentProviderDown):
    """The catalogue is not synced: the payment provider does not sell an ordered product for what it costs here."""


class PaymentProviderRefused(Defect):
    """The payment provider refused to open this session, and would again. The sale is stored."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """Hold the provider's code, which the caller is shown, apart from the message, which is for us."""
        super().__init__(message)
        self.code = code
