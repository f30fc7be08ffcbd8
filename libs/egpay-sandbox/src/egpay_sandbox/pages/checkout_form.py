"""Checkout form: what a buyer typed, kept for the page that is shown again, and read as the buyer's details."""

from typing import Self

import msgspec

from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.buyer_details import EXAMPLE_ADDRESS, BuyerDetails
from egpay_sandbox.stripe.card_numbers import GOOD_NUMBER
from egpay_sandbox.stripe.objects import Address, CheckoutSession, Customer, Shipping

_ADDRESS_FIELDS = ("line1", "line2", "city", "state", "postal_code", "country")


class TypedDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of the form as they were typed; at first an example where Stripe would ask for a card and its owner."""

    email: str = ""
    name: str = ""
    tax_id: str = ""
    promotion_code: str = ""
    card_number: str = ""
    billing_line1: str = ""
    billing_city: str = ""
    billing_state: str = ""
    billing_postal_code: str = ""
    billing_country: str = ""
    shipping_name: str = ""
    shipping_line1: str = ""
    shipping_line2: str = ""
    shipping_city: str = ""
    shipping_state: str = ""
    shipping_postal_code: str = ""
    shipping_country: str = ""

    @classmethod
    def of(cls, form: dict[str, str] | None, customer: Customer | None) -> Self:
        """Reads a form; None is the page's first look, which a customer's name is filled in for."""
        if form is None:
            return cls(
                name=(customer.name if customer else None) or "Sandbox Buyer",
                card_number=GOOD_NUMBER,
                billing_line1=EXAMPLE_ADDRESS.line1 or "",
                billing_city=EXAMPLE_ADDRESS.city or "",
                billing_postal_code=EXAMPLE_ADDRESS.postal_code or "",
                billing_country=EXAMPLE_ADDRESS.country or "",
            )
        return cls(**{name: form[name].strip() for name in cls.__struct_fields__ if name in form})


def read_buyer(session: CheckoutSession, form: dict[str, str], *, strict: bool = True) -> BuyerDetails:
    """Reads the buyer; raises StripeApiError for what is missing, unless the card is declined before that matters."""
    email = form.get("email", "").strip() or ("" if strict else "declined@example.com")
    shipping = None
    if session.allowed_countries is not None and strict:
        shipping = _shipping(session.allowed_countries, form)
    country = shipping.address.country if shipping else None
    is_required = session.billing_address_collection == "required" and strict
    return BuyerDetails(
        email=email,
        name=form.get("name", "").strip() or None,
        address=_billing(form) if is_required else Address(country=country),
        shipping=shipping,
        tax_id=form.get("tax_id", "").strip() or None,
    )


def _billing(form: dict[str, str]) -> Address:
    fields = {name: form.get(f"billing_{name}", "").strip() or None for name in _ADDRESS_FIELDS}
    if not fields["line1"] or not fields["country"] or not form.get("name", "").strip():
        raise StripeApiError("Please enter a billing name and address.")
    return Address(**fields)


def _shipping(allowed: list[str], form: dict[str, str]) -> Shipping:
    fields = {name: form.get(f"shipping_{name}", "").strip() or None for name in _ADDRESS_FIELDS}
    fields["country"] = fields["country"] or allowed[0]
    if fields["country"] not in allowed or not fields["line1"]:
        raise StripeApiError("Please enter a shipping address in one of the allowed countries.")
    return Shipping(address=Address(**fields), name=form.get("shipping_name") or form.get("name"))
