"""Line items: turns a cart into priced lines, under Stripe's rules of what one cart may hold."""

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_parameter
from egpay_sandbox.stripe.currencies import check_charge
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Price, SessionLine
from egpay_sandbox.stripe.prices import create_inline_price
from egpay_sandbox.stripe.requests.checkout import LineItemParams, SessionCreate


def price_line_items(account: SandboxAccount, params: SessionCreate) -> list[SessionLine]:
    """Prices the lines of a session, in the order they were sent."""
    if not params.line_items:
        raise missing_parameter("line_items")
    priced = [(_price(account, item, n), item, n) for n, item in enumerate(params.line_items)]
    _validate_price_mix([price for price, _, _ in priced], params.mode)
    trial = params.subscription_data is not None and params.subscription_data.trial_period_days is not None
    lines = [_line(account, price, item, n, trial=trial) for price, item, n in priced]
    check_charge(sum(line.amount for line in lines), priced[0][0].currency)
    return lines


def _price(account: SandboxAccount, item: LineItemParams, n: int) -> Price:
    param = f"line_items[{n}]"
    if (item.price is None) == (item.price_data is None):
        raise missing_parameter(f"{param}[price]")
    if item.quantity is None:
        raise StripeApiError(
            "Quantity is required. Add `quantity` to `" + param + "`", param=f"{param}[quantity]"
        )
    if item.price_data is not None:
        return create_inline_price(account, item.price_data, f"{param}[price_data]")
    price = get_or_404(account.prices, item.price or "", f"{param}[price]")
    if not price.active:
        raise invalid_parameter(
            "The price specified is inactive. This field only accepts active prices.", f"{param}[price]"
        )
    if not account.products[price.product].active:
        raise invalid_parameter(
            "The price specified is of an inactive product. This field only accepts prices of active products.",
            f"{param}[price]",
        )
    return price


def _validate_price_mix(prices: list[Price], mode: str) -> None:
    """Checks the mix of prices: at most 20 recurring and 20 one-time lines, or 100.

    docs.stripe.com/api/checkout/sessions/create
    """
    recurring = [price for price in prices if price.recurring]
    if mode == "payment" and recurring:
        raise StripeApiError(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
            "or use only one-time prices."
        )
    if mode == "subscription" and not recurring:
        raise StripeApiError(
            "You must provide at least one recurring price in `subscription` mode when using prices."
        )
    if mode == "subscription" and max(len(recurring), len(prices) - len(recurring)) > 20:
        raise invalid_parameter("A maximum of 20 line items of each kind is allowed.", "line_items")
    if len(prices) > 100:
        raise invalid_parameter("A maximum of 100 line items is allowed.", "line_items")
    if len({price.currency for price in prices}) > 1:
        raise invalid_parameter("All prices on a session must have the same currency.", "line_items")
    if len({(price.interval, price.interval_count) for price in recurring}) > 1:
        raise StripeApiError("Checkout does not support multiple prices with different billing intervals.")


def _line(account: SandboxAccount, price: Price, item: LineItemParams, n: int, *, trial: bool) -> SessionLine:
    quantity = item.quantity or 1
    return SessionLine(
        id=new_id("li"),
        price=price.id,
        quantity=quantity,
        description=account.products[price.product].name,
        amount=0 if trial and price.recurring else price.unit_amount * quantity,
        metadata=merge_metadata({}, item.metadata, f"line_items[{n}][metadata]"),
    )
