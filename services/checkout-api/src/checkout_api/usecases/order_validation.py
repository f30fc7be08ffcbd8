"""An order is taken only when all of it can be fulfilled; otherwise the buyer hears everything there is to correct."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import email_validator
import msgspec

from checkout_api.usecases.address_validation import address_errors
from checkout_api.usecases.errors import CatalogueNotSynced, FieldError, InvalidOrder
from checkout_api.usecases.form_parser import ParsedForm
from egpay.domain.catalogue import Kind, Product
from egpay.domain.countries import CHECKOUT_COUNTRIES
from egpay.domain.currencies import charge_fault
from egpay.domain.order import Order, OrderLine, PaymentMethod
from egpay.domain.printable import is_printable
from egpay.domain.values import Address, ProductId

_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
MOST_ERRORS = 50


def check_order(
    reading: ParsedForm,
    catalogue: Mapping[ProductId, Product],
    countries: frozenset[str] = CHECKOUT_COUNTRIES,
) -> Order:
    """Make the order of a form; `catalogue` holds those of its products that are on sale, `countries` are those that
    devices are sent to. Raise InvalidOrder with every fault (the first 50 of a hopeless body)."""
    errors = [
        *reading.errors,
        *cart_errors(reading, catalogue),
        *_text_errors(reading.values),
        *_email_errors(reading.values, "email"),
        *_email_errors(reading.values, "billing_email"),
        *_shipping_errors(reading, catalogue, countries),
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
        phone=values.get("phone"),
        locale=values.get("locale"),
        another_organisation=values.get("another_organisation", False),
    )


def _text_errors(values: Mapping[str, Any]) -> Iterator[FieldError]:
    for field in ("organisation", "name", *(f"shipping_address.{part}" for part in _ADDRESS)):
        yield from text_errors(field, values.get(field, ""), is_name=field in ("organisation", "name"))


def text_errors(field: str, typed: str, *, is_name: bool) -> Iterator[FieldError]:
    """What is printed shows all that it holds; a name is no link, because a stranger's address gets the e-mail."""
    if typed.strip(" ") and not is_printable(typed):
        yield FieldError(field, "must not contain invisible or control characters")
    elif is_name and "://" in typed:
        yield FieldError(field, "must be a name, not a web address")


def _email_errors(values: Mapping[str, Any], field: str) -> Iterator[FieldError]:
    if field in values and not is_deliverable(values[field]):
        yield FieldError(field, "is not an e-mail address that mail can be sent to")


def is_deliverable(typed: str) -> bool:
    """Whether it is an address, and none that a mail reader would decode into another one (RFC 2047)."""
    try:
        return "=?" not in _deliverable(typed)
    except email_validator.EmailNotValidError:
        return False


def _deliverable(typed: str) -> str:
    """The address as mail servers write it; letters beyond ASCII before the @ need servers that few people have."""
    checked = email_validator.validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False)
    return checked.ascii_email or checked.normalized


def _shipping_errors(
    reading: ParsedForm, catalogue: Mapping[ProductId, Product], countries: frozenset[str]
) -> Iterator[FieldError]:
    typed = _typed_address(reading.values)
    ordered = (catalogue.get(name) for name in products_named(reading).values())
    devices = any(product and product.kind is Kind.DEVICE for product in ordered)
    if typed.get("country"):
        yield from address_errors(typed, countries if devices else None)
    elif (
        devices and not typed and not any(one.field.startswith("shipping_address") for one in reading.errors)
    ):
        yield FieldError("shipping_address", "is required when a device is ordered")


def _invoice_errors(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Remove this check when invoices can be issued."""
    if values.get("payment") == PaymentMethod.INVOICE:
        yield FieldError("payment", "by invoice is not available yet; use card")


def _typed_address(values: Mapping[str, Any]) -> dict[str, str]:
    return {part: values[path] for part in _ADDRESS if (path := f"shipping_address.{part}") in values}


def _address(values: Mapping[str, Any]) -> Address | None:
    """What is printed on the parcel: as typed, trimmed."""
    typed = {part: text.strip() for part, text in _typed_address(values).items()}
    if not typed:
        return None
    return Address(**{**typed, "country": typed["country"].upper()})


MAX_QUANTITY = 1000

_PRODUCT = re.compile(r"line_items\[(\d+)\]\.product")


def products_named(reading: ParsedForm) -> dict[int, ProductId]:
    """The product of each line that names one, by the line's position."""
    named = ((_PRODUCT.fullmatch(path), value) for path, value in reading.values.items())
    return {int(match[1]): ProductId(value) for match, value in named if match}


def cart_errors(reading: ParsedForm, catalogue: Mapping[ProductId, Product]) -> Iterator[FieldError]:
    """Yield what is wrong with the cart as a whole and with its lines, beyond their shape."""
    subscriptions: list[int] = []
    quantities: dict[ProductId, int] = {}
    for position, name in products_named(reading).items():
        product = catalogue.get(name)
        quantities[name] = quantities.get(name, 0) + _quantity(reading, position)
        if product is None:
            yield FieldError(f"line_items[{position}].product", "is not a product on sale")
        elif product.kind is Kind.SUBSCRIPTION:
            subscriptions.append(position)
        if _quantity(reading, position) < quantities[name] > MAX_QUANTITY:
            yield FieldError(
                f"line_items[{position}].quantity", f"exceeds {MAX_QUANTITY} together with the lines before"
            )
    for position in subscriptions[1:]:
        yield FieldError(f"line_items[{position}].product", "is a second subscription; an order holds one")
    known = {name: quantity for name, quantity in quantities.items() if name in catalogue}
    yield from _sum_errors([_line(catalogue[name], quantity) for name, quantity in known.items()])


def _sum_errors(lines: Sequence[OrderLine]) -> Iterator[FieldError]:
    currencies = {line.currency for line in lines}
    if len(currencies) > 1:
        yield FieldError("line_items", "must be products of one currency")
    elif lines and (fault := charge_fault(sum(line.due for line in lines), *currencies)):
        yield FieldError("line_items", fault)


def sold_by(order: Order, prices: Mapping[ProductId, str]) -> Order:
    """The order with the provider's price of each line. Raise CatalogueNotSynced when it sells one of them not."""
    missing = sorted({line.product for line in order.lines} - prices.keys())
    if missing:
        raise CatalogueNotSynced(
            f"the catalogue is not synced with the payment provider: {', '.join(missing)}", retry_after=60
        )
    lines = tuple(msgspec.structs.replace(line, price=prices[line.product]) for line in order.lines)
    return msgspec.structs.replace(order, lines=lines)


def order_lines(reading: ParsedForm, catalogue: Mapping[ProductId, Product]) -> tuple[OrderLine, ...]:
    """The lines of a sound cart with the prices of this moment; several lines of one product become one."""
    quantities: dict[ProductId, int] = {}
    for position, name in products_named(reading).items():
        quantities[name] = quantities.get(name, 0) + _quantity(reading, position)
    return tuple(_line(catalogue[name], quantity) for name, quantity in quantities.items())


def _quantity(reading: ParsedForm, position: int) -> int:
    quantity: int = reading.values.get(f"line_items[{position}].quantity", 0)
    return quantity


def _line(product: Product, quantity: int) -> OrderLine:
    return OrderLine(
        product=product.id,
        kind=product.kind,
        name=product.name,
        quantity=quantity,
        unit_amount=product.unit_amount,
        currency=product.currency,
        interval=product.interval,
        interval_count=product.interval_count,
        trial_days=product.trial_days,
    )
