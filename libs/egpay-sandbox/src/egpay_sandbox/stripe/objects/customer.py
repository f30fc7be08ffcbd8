"""Customer objects: who pays, with the address at Stripe."""

import msgspec

Metadata = dict[str, str]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address as Stripe spells it (docs.stripe.com/api/customers/object#customer_object-address)."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Shipping(msgspec.Struct, frozen=True, kw_only=True):
    """Destination and recipient of goods."""

    address: Address
    name: str | None = None
    phone: str | None = None


class Customer(msgspec.Struct, frozen=True, kw_only=True, tag="customer", tag_field="object"):
    """A buyer; `created` is Unix seconds, a `deleted` one is only remembered by its id."""

    id: str
    created: int
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    metadata: Metadata = {}
    invoice_prefix: str = ""
    default_payment_method: str | None = None
    currency: str | None = None
    balance: int = 0
    preferred_locales: list[str] = []
    tax_exempt: str = "none"
    deleted: bool = False
