"""An order is taken only when all of it can be fulfilled; otherwise the buyer hears everything there is to correct."""

from collections.abc import Iterator, Mapping
from typing import Any

import email_validator

from checkout_api.usecases.address_check import address_errors
from checkout_api.usecases.cart_check import cart_errors, order_lines, products_named
from checkout_api.usecases.errors import FieldError, InvalidOrder
from checkout_api.usecases.form_parser import ParsedForm
from egpay.domain.catalogue import Kind, Product
from egpay.domain.order import Order, PaymentMethod
from egpay.domain.values import Address, ProductId

_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
MOST_ERRORS = 50


def check_order(reading: ParsedForm, catalogue: Mapping[ProductId, Product]) -> Order:
    """Make the order of a form; `catalogue` holds those of its products that are on sale. Raise InvalidOrder with
    every fault (the first 50 of a hopeless body)."""
    errors = [
        *reading.errors,
        *cart_errors(reading, catalogue),
        *_email_errors(reading.values, "email"),
        *_email_errors(reading.values, "billing_email"),
        *_shipping_errors(reading, catalogue),
        *_invoice_errors(reading.values),
    ]
    if errors:
        first_of_each: dict[str, FieldError] = {}
        for error in errors:
            first_of_each.setdefault(error.field, error)
        raise InvalidOrder(list(first_of_each.values())[:MOST_ERRORS])
    values = reading.values
    billing = values.get("billing_email")
    return Order(
        organisation=values["organisation"].strip(),
        name=values["name"].strip(),
        email=_deliverable(values["email"]),
        lines=order_lines(reading, catalogue),
        billing_email=_deliverable(billing) if billing else None,
        shipping_address=_address(values),
        payment=PaymentMethod(values.get("payment", PaymentMethod.CARD)),
    )


def _email_errors(values: Mapping[str, Any], field: str) -> Iterator[FieldError]:
    try:
        if field in values:
            _deliverable(values[field])
    except email_validator.EmailNotValidError:
        yield FieldError(field, "is not an e-mail address that mail can be sent to")


def _deliverable(typed: str) -> str:
    """The address as mail servers write it; one with letters beyond ASCII before the @ would need servers that few
    people have."""
    checked = email_validator.validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False)
    return checked.ascii_email or checked.normalized


def _shipping_errors(reading: ParsedForm, catalogue: Mapping[ProductId, Product]) -> Iterator[FieldError]:
    typed = _typed_address(reading.values)
    if typed.get("country"):
        yield from address_errors(typed)
    elif not typed and not any(error.field.startswith("shipping_address") for error in reading.errors):
        ordered = (catalogue.get(name) for name in products_named(reading).values())
        if any(product and product.kind is Kind.DEVICE for product in ordered):
            yield FieldError("shipping_address", "is required when a device is ordered")


def _invoice_errors(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Remove this check when invoices can be issued."""
    if values.get("payment") == PaymentMethod.INVOICE:
        yield FieldError("payment", "by invoice is not available yet; use card")


def _typed_address(values: Mapping[str, Any]) -> dict[str, str]:
    return {part: values[path] for part in _ADDRESS if (path := f"shipping_address.{part}") in values}


def _address(values: Mapping[str, Any]) -> Address | None:
    typed = _typed_address(values)
    if not typed:
        return None
    return Address(**{**typed, "country": typed["country"].upper()})
