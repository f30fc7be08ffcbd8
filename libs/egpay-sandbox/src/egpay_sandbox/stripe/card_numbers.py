"""Card numbers: Stripe's published test cards, of which some are paid with and one is declined.

docs.stripe.com/testing#cards
"""

from dataclasses import dataclass

from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.charges import DECLINED


@dataclass(frozen=True, slots=True)
class PaymentCard:
    """A card as it is shown after it was typed: its brand and its last four digits."""

    brand: str
    last4: str


GOOD_NUMBER = "4242 4242 4242 4242"
DECLINED_NUMBER = "4000 0000 0000 0002"
_GOOD = {
    "4242424242424242": PaymentCard("visa", "4242"),
    "5555555555554444": PaymentCard("mastercard", "4444"),
    "378282246310005": PaymentCard("amex", "0005"),
}


def read_card(number: str) -> PaymentCard:
    """Returns the card of a test number; raises `card_declined` for the one that is declined, else what is wrong."""
    digits = "".join(number.split())
    if digits == "".join(DECLINED_NUMBER.split()):
        raise StripeApiError(DECLINED, status=402, kind="card_error", code="card_declined", param="number")
    if digits not in _GOOD:
        raise StripeApiError(
            f"Your card number is not one of the test cards. Try {GOOD_NUMBER}.",
            status=402,
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    return _GOOD[digits]
