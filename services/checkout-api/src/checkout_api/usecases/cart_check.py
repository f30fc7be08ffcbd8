"""A cart that can be sold as one order: known products, one subscription at most, one currency."""

import re
from collections.abc import Iterator, Mapping

from checkout_api.usecases.errors import FieldError
from checkout_api.usecases.form_parser import ParsedForm
from egpay.domain.catalogue import Kind, Product
from egpay.domain.order import OrderLine
from egpay.domain.values import ProductId

MAX_QUANTITY = 1000
MAX_TOTAL = 99_999_999
"""In minor units: eight digits, the most that Stripe charges at once (docs.stripe.com/currencies)."""

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
    if len({product.currency for product in catalogue.values()}) > 1:
        yield FieldError("line_items", "must be products of one currency")
    elif (
        sum(catalogue[name].unit_amount * n for name, n in quantities.items() if name in catalogue)
        > MAX_TOTAL
    ):
        yield FieldError("line_items", "cost more together than one payment can carry")


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
    )
