"""Checkout summary: what a session costs today and what it costs then, in words that a buyer reads."""

from dataclasses import dataclass

from egpay_sandbox.pages.page_rendering import format_count, format_day, format_interval, format_money
from egpay_sandbox.stripe import billing_periods
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.discounts import find_coupon, shared_discount
from egpay_sandbox.stripe.objects import CheckoutSession, Coupon, Price, SessionLine

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line of the order: its amount today, and beneath its name how the price is made up."""

    description: str
    note: str
    amount: str


@dataclass(frozen=True, slots=True)
class CheckoutSummary:
    """The order as the page shows it; `then` is empty for what is paid once."""

    lines: list[SummaryLine]
    discount: str
    discount_name: str
    today: str
    then: str
    button: str
    asks_payment: bool


def summarize(account: SandboxAccount, session: CheckoutSession) -> CheckoutSummary:
    """Sums a session up; amounts have their currency's own digits."""
    off = sum(line.discount for line in session.lines)
    coupon = _coupon(account, session)
    return CheckoutSummary(
        lines=[_line(session, line, account.prices[line.price]) for line in session.lines],
        discount=format_money(-off, session.currency) if coupon else "",
        discount_name=_discount_name(account, session, coupon) if coupon else "",
        today=format_money(session.amount_total, session.currency),
        then=_then(account, session, coupon),
        button=_button(session),
        asks_payment=session.mode == "subscription" or session.amount_total > 0,
    )


def _line(session: CheckoutSession, line: SessionLine, price: Price) -> SummaryLine:
    each = format_money(price.unit_amount, price.currency)
    every = format_interval(price.interval, price.interval_count)
    note = format_count(line.quantity, f"{each} {every}")
    if price.recurring and session.trial_days is not None:
        note = f"{_days(session.trial_days)} free, then {note}"
    return SummaryLine(line.description, note, format_money(line.amount, session.currency))


def _then(account: SandboxAccount, session: CheckoutSession, coupon: Coupon | None) -> str:
    recurring = [(line, account.prices[line.price]) for line in session.lines]
    recurring = [(line, price) for line, price in recurring if price.recurring]
    if not recurring:
        return ""
    first = recurring[0][1]
    amounts = [price.unit_amount * line.quantity for line, price in recurring]
    off = sum(shared_discount(coupon, amounts)) if coupon and coupon.duration != "once" else 0
    every = format_interval(first.interval, first.interval_count)
    text = f"{format_money(sum(amounts) - off, session.currency)} {every} from {_begins(account, session, first)}"
    if off and coupon and coupon.duration_in_months:
        months = coupon.duration_in_months
        text += (
            f"; {format_money(sum(amounts), session.currency)} once the discount ends after {months} months"
        )
    return text


def _begins(account: SandboxAccount, session: CheckoutSession, price: Price) -> str:
    now = account.clock.now()
    if session.trial_days is not None:
        return format_day(now + session.trial_days * _DAY)
    return format_day(billing_periods.add_interval(now, price.interval or "month", price.interval_count))


def _coupon(account: SandboxAccount, session: CheckoutSession) -> Coupon | None:
    discount = account.discounts.get(session.discount)
    return find_coupon(account, discount.coupon) if discount else None


def _discount_name(account: SandboxAccount, session: CheckoutSession, coupon: Coupon) -> str:
    discount = account.discounts[session.discount or ""]
    code = account.promotion_codes.get(discount.promotion_code)
    off = f"{coupon.percent_off:g} %" if coupon.percent_off is not None else ""
    off = off or format_money(coupon.amount_off or 0, session.currency)
    return f"{code.code if code else coupon.name or 'Discount'}: {off} off"


def _button(session: CheckoutSession) -> str:
    if session.amount_total > 0:
        return "Pay"
    return "Complete order" if session.trial_days is None else "Start trial"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
