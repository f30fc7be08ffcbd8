"""Why an order is not taken, in words that a storefront can act on."""

from collections.abc import Sequence

import msgspec

from egpay.domain.errors import Defect, Outage, Refusal


class FieldError(msgspec.Struct, frozen=True):
    """One thing to correct; `field` is its path in the body, such as `line_items[0].quantity`."""

    field: str
    message: str


class InvalidOrder(Refusal):
    """Fields are missing or wrong; `errors` names all of them, none with the value that was sent."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Take everything that is wrong, in the order of the body."""
        super().__init__("the order has fields that are missing or wrong")
        self.errors = tuple(errors)


class AlreadySubscribed(Refusal):
    """The e-mail has a live subscription and the cart holds another; an account has one at a time."""


class IdempotencyMismatch(Refusal):
    """The key was used before, for another order."""


class IdempotencyInProgress(Refusal):
    """The first request with this key has not been answered yet."""


class PaymentProviderDown(Outage):
    """The payment provider did not open a page now. The sale is kept: the same key continues it."""


class PaymentProviderRefused(Defect):
    """The payment provider would not open a page for what we asked. The sale is kept: the same key continues it."""
