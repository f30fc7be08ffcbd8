"""Parameters of customers and their billing portal."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Address, Shipping
from egpay_sandbox.stripe.requests.paging import ListParams, Params


class AddressParams(Address, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An address as a form sends it."""


class ShippingParams(Shipping, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A destination as a form sends it."""

    address: AddressParams
    carrier: str | None = None
    tracking_number: str | None = None


class CustomerCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customers/create, as far as egpay needs it; updates take the same."""

    email: str | None = None
    name: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    description: str | None = None
    address: AddressParams | str | None = None
    shipping: ShippingParams | str | None = None
    metadata: dict[str, str] | str | None = None
    preferred_locales: list[str] | None = None
    tax_exempt: Literal["none", "exempt", "reverse", ""] | None = None


class CustomerList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customers/list."""

    email: str | None = None


class PortalCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customer_portal/sessions/create."""

    customer: str
    return_url: str | None = None
    configuration: str | None = None
    locale: str | None = None
