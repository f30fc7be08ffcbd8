"""Order form: the body of an order; one schema validates it and documents it in OpenAPI."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MAX_LINES = 20
"""Stripe takes at most 20 recurring and 20 one-time lines (docs.stripe.com/api/checkout/sessions/create)."""

_ONE_LINE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])"
NameText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=_ONE_LINE + r"[\s\S]*\S",
        extra={"must": "be text of 1 to 200 characters in one line"},
    ),
]
_Part = Annotated[
    str,
    Meta(max_length=100, pattern=_ONE_LINE, extra={"must": "be text of up to 100 characters in one line"}),
]
EmailText = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=_ONE_LINE,
        extra={"must": "be an e-mail address of up to 254 characters"},
        extra_json_schema={"format": "email"},
    ),
]
_Country = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z]{2}(?![\s\S])", extra={"must": "be a country code of two letters (ISO 3166-1)"}),
]
_Phone = Annotated[
    str,
    Meta(
        pattern=r"^(?=(?:[^0-9]*[0-9]){4})\+?[0-9 ()./-]{4,20}(?![\s\S])",
        max_length=20,
        extra={
            "must": "be a telephone number of up to 20 digits, blanks and ()./-, with + before a country's code"
        },
    ),
]
"""Stripe takes 20 characters (docs.stripe.com/api/customers/create)."""
_Locale = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}(?![\s\S])",
        extra={"must": "be a language such as de or en-GB (BCP 47)"},
    ),
]
_CustomerToken = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{43}(?![\s\S])",
        extra={"must": "be the token of 43 characters with which the billing portal leads back"},
    ),
]
_Quantity = Annotated[int, Meta(ge=1, le=1000, extra={"must": "be a whole number from 1 to 1000"})]
_Flag = Annotated[bool, Meta(extra={"must": "be true or false"})]
_Payment = Annotated[Literal["card", "invoice"], Meta(extra={"must": "be card or invoice"})]


class LineItem(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a product; of a subscription, how many seats."""

    product: NameText
    quantity: _Quantity


_Lines = Annotated[
    list[LineItem],
    Meta(min_length=1, max_length=MAX_LINES, extra={"must": f"be a list of 1 to {MAX_LINES} products"}),
]


class ShippingAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where devices go, as the buyer writes it. Which parts are needed depends on the country; a refusal names the
    states or an example of the postal codes that are possible."""

    line1: NameText
    line2: _Part | None = None
    city: _Part | None = None
    state: _Part | None = None
    postal_code: _Part | None = None
    country: _Country


class OrderForm(msgspec.Struct, frozen=True, kw_only=True):
    """An order. `email` is the admin's and the only identity; without `billing_email` the buyer types one at
    Checkout; `shipping_address` is needed when a device is ordered. `locale` is the language that the buyer
    reads. With `another_organisation` a person who has an account orders for an organisation of another name, and
    becomes its admin too. `customer_token`, with which the billing portal leads back to the storefront, makes an order
    of the same e-mail, organisation and currency use the customer that is known; one that is over changes nothing."""

    line_items: _Lines
    organisation: NameText
    name: NameText
    email: EmailText
    billing_email: EmailText | None = None
    phone: _Phone | None = None
    locale: _Locale | None = None
    shipping_address: ShippingAddress | None = None
    payment: _Payment = "card"
    another_organisation: _Flag = False
    customer_token: _CustomerToken | None = None
