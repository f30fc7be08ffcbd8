"""What all of Stripe's objects have in common: references to each other, and the mark that says a sale is ours."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

import msgspec

from egpay.domain.events import BillingEvent
from egpay.domain.values import PaymentIntentId, SaleId

T = TypeVar("T")

Amount = Annotated[int, msgspec.Meta(ge=0, le=999_999_999_999)]
"""Minor units; Stripe takes at most 12 digits (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""

Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
"""ISO 4217 in lower case."""

_OURS = "sale_"
"""How our sale ids begin. Other products on the account use the same fields of Stripe's for ids of their own."""


class NotOurs(Exception):
    """Another product on the account sold this; the text says how we know."""


class NotUnderstood(Exception):
    """A field that matters does not say what we need; the text names it and never quotes it."""


class Translated(msgspec.Struct, frozen=True):
    """An event in our words, and the address that the buyer typed at Checkout, which no message may carry."""

    event: BillingEvent
    buyer_email: str | None = None


class Expanded(msgspec.Struct, Generic[T], frozen=True):
    """A reference that whoever asked wanted in full."""

    id: T


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A list within an object (docs.stripe.com/api/pagination)."""

    data: list[T] = []


class Metadata(msgspec.Struct, frozen=True):
    """The notes that we left on an object when the sale was opened (docs.stripe.com/metadata)."""

    sale_id: str | None = None


PaymentIntentRef: TypeAlias = PaymentIntentId | Expanded[PaymentIntentId] | msgspec.UnsetType | None
"""The payment that a charge, a refund or a dispute is about."""


def decode_if_raw(what: msgspec.Raw | T, decode: Callable[[msgspec.Raw], T]) -> T:
    """The object of an event, decoded unless it was decoded with the event."""
    return decode(what) if isinstance(what, msgspec.Raw) else what


def ref(value: T | Expanded[T] | None) -> T | None:
    """The id behind a reference, given as an id or in full (docs.stripe.com/expand)."""
    return value.id if isinstance(value, Expanded) else value


def marked_sale_id(*marks: Metadata | str | None) -> SaleId | None:
    """The sale that the first mark of ours names."""
    for mark in marks:
        sale_id = mark.sale_id if isinstance(mark, Metadata) else mark
        if sale_id and sale_id.startswith(_OURS):
            return SaleId(sale_id)
    return None


def required(value: T | None, field: str) -> T:
    """The value, or NotUnderstood naming the field."""
    if value is None:
        raise NotUnderstood(f"{field} is missing")
    return value


def payment_intent_of(reference: PaymentIntentRef, *, ours: bool = False) -> PaymentIntentId:
    """Everything Checkout sells is paid by a payment intent; what says that it has none is another product's, unless it
    bears our mark."""
    intent = None if reference is msgspec.UNSET else ref(reference)
    if intent is None and reference is None and not ours:
        raise NotOurs("no payment intent is behind it")
    return required(intent, "payment_intent")
