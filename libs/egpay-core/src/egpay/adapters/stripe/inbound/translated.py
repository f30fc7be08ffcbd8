"""Translation helpers: references between Stripe's objects, and the mark of our own sales."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

import msgspec

from egpay.domain.events import BillingEvent
from egpay.domain.values import PaymentIntentId, SaleId, is_id, is_sale_id

T = TypeVar("T")
Id = TypeVar("Id", bound=str)

Amount = Annotated[int, msgspec.Meta(ge=0, le=999_999_999_999)]
"""Minor units; Stripe takes at most 12 digits.

docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""

Balance = Annotated[int, msgspec.Meta(ge=-999_999_999_999, le=999_999_999_999)]
"""The same where credits may outweigh: what a proration gives back makes the sum of an invoice negative."""

Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
"""ISO 4217 in lower case."""


class NotOurs(Exception):
    """The object belongs to another product on the account; the text names the evidence."""


class NotUnderstood(Exception):
    """A required field is missing or unexpected; the text names it and never quotes it."""


class Translated(msgspec.Struct, frozen=True):
    """A translated event, and the e-mail typed at Checkout, which no message may carry."""

    event: BillingEvent
    buyer_email: str | None = None


class Expanded(msgspec.Struct, Generic[T], frozen=True):
    """An expanded reference: the object in place of its id."""

    id: T


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A list within an object (docs.stripe.com/api/pagination)."""

    data: list[T] = []


class Metadata(msgspec.Struct, frozen=True):
    """Metadata that we set on an object when the sale was opened (docs.stripe.com/metadata)."""

    sale_id: str | None = None
    egpay_installation: str | None = None


PaymentIntentRef: TypeAlias = PaymentIntentId | Expanded[PaymentIntentId] | msgspec.UnsetType | None
"""Reference from a charge, a refund or a dispute to its payment intent."""


def decode_if_raw(what: msgspec.Raw | T, decode: Callable[[msgspec.Raw], T]) -> T:
    """The object of an event, decoded here unless the fast path decoded it."""
    return decode(what) if isinstance(what, msgspec.Raw) else what


def ref(value: T | Expanded[T] | None) -> T | None:
    """The id of a reference, plain or expanded (docs.stripe.com/expand)."""
    return value.id if isinstance(value, Expanded) else value


def object_id(value: Id, field: str) -> Id:
    """The id of an object; raises NotUnderstood naming the field when it has not the form of one."""
    if not is_id(value):
        raise NotUnderstood(f"{field} has not the form of an id")
    return value


def referred_id(value: Id | Expanded[Id] | None, field: str) -> Id | None:
    """The id of a reference, of the form of one; raises NotUnderstood naming the field."""
    name = ref(value)
    return None if name is None else object_id(name, field)


def marked_sale_id(*marks: Metadata | str | None) -> SaleId | None:
    """The sale id in the first mark of ours: another product's field of the same name has not its full shape."""
    for mark in marks:
        sale_id = mark.sale_id if isinstance(mark, Metadata) else mark
        if sale_id and is_sale_id(sale_id):
            return SaleId(sale_id)
    return None


def marked_installation(*marks: Metadata | None) -> str | None:
    """The installation in the first mark that names one; text that is no id names none."""
    for mark in marks:
        if mark and mark.egpay_installation and is_id(mark.egpay_installation):
            return mark.egpay_installation
    return None


def required(value: T | None, field: str) -> T:
    """The value; raises NotUnderstood naming the field when it is missing."""
    if value is None:
        raise NotUnderstood(f"{field} is missing")
    return value


def payment_intent_of(reference: PaymentIntentRef, *, ours: bool = False) -> PaymentIntentId:
    """The payment intent; raises NotOurs when there is none and the object does not bear our mark.

    Everything Checkout sells is paid by a payment intent, so the others are another product's."""
    intent = None if reference is msgspec.UNSET else ref(reference)
    if intent is None and reference is None and not ours:
        raise NotOurs("no payment intent is behind it")
    return object_id(required(intent, "payment_intent"), "payment_intent")
