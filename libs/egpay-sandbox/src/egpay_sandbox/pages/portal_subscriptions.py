"""Portal pages of a subscription: another plan or quantity with its price first, an end, or an end taken back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages.page_rendering import (
    format_count,
    format_interval,
    format_money,
    render_page,
    see_other,
)
from egpay_sandbox.pages.portal_visit import PortalVisit, enter_portal
from egpay_sandbox.request_values import SandboxRequest
from egpay_sandbox.stripe import portal_changes, portal_plans
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import Price, Subscription


@dataclass(frozen=True, slots=True)
class ListedSubscription:
    """A subscription as the portal lists it; `fixed` says why its plan cannot be changed."""

    sub: Subscription
    plan: str
    price: str
    renewal: str
    fixed: str | None


def listed(visit: PortalVisit, sub: Subscription) -> ListedSubscription:
    """Describes a subscription in words."""
    account = visit.account
    items = [(item.quantity, account.prices[item.price]) for item in sub.items]
    return ListedSubscription(
        sub=sub,
        plan=", ".join(account.products[price.product].name for _, price in items),
        price=", ".join(format_count(quantity, price_words(price)) for quantity, price in items),
        renewal=format_money(portal_plans.next_invoice(account, sub), sub.currency),
        fixed=portal_plans.why_fixed(visit.configuration, sub),
    )


def price_words(price: Price) -> str:
    """Describes a price: `19.00 EUR per month`."""
    amount = format_money(price.unit_amount, price.currency)
    return f"{amount} {format_interval(price.interval, price.interval_count)}"


@get("/subscriptions/{sub_id:str}/change")
async def choose_plan(request: SandboxRequest, token: FromPath[str], sub_id: FromPath[str]) -> Response[str]:
    """Offers the plans of the configuration; what the change costs comes on the next page."""
    visit = enter_portal(request, token)
    sub = visit.subscription(sub_id)
    account, configuration = visit.account, visit.configuration
    reason = portal_plans.why_fixed(configuration, sub)
    if reason is not None:
        raise StripeApiError(reason)
    offers = [
        (price, account.products[price.product], price_words(price))
        for price in portal_plans.offered_prices(account, configuration, sub)
    ]
    return render_page(
        "portal_plan.html",
        visit=visit,
        sub=sub,
        offers=offers,
        counts=portal_plans.may_change_quantity(account, configuration, sub),
    )


@get("/subscriptions/{sub_id:str}/confirm")
async def confirm_plan(
    request: SandboxRequest,
    token: FromPath[str],
    sub_id: FromPath[str],
    price: FromQuery[str],
    quantity: FromQuery[int] = 1,
) -> Response[str]:
    """Shows what a change costs now and later, before it is made."""
    visit = enter_portal(request, token)
    sub = visit.subscription(sub_id)
    change = portal_plans.plan_change(visit.account, visit.configuration, sub, price, quantity)
    return render_page(
        "portal_confirm.html",
        visit=visit,
        change=change,
        now=listed(visit, sub),
        then=listed(visit, change.after),
    )


@post("/subscriptions/{sub_id:str}/change", status_code=303)
async def change_plan(request: SandboxRequest, token: FromPath[str], sub_id: FromPath[str]) -> Response[Any]:
    """Changes plan and quantity."""
    visit = enter_portal(request, token)
    sub = visit.subscription(sub_id)
    form = dict(parse_qsl((await request.body()).decode()))
    count = form.get("quantity", "")
    quantity = int(count) if count.isdecimal() else sub.items[0].quantity
    portal_plans.change_plan(
        visit.account, visit.configuration, sub, form.get("price") or sub.items[0].price, quantity
    )
    return see_other(f"{visit.home}?done=changed")


@get("/subscriptions/{sub_id:str}/cancel")
async def confirm_cancel(
    request: SandboxRequest, token: FromPath[str], sub_id: FromPath[str]
) -> Response[str]:
    """Says when the subscription would end, before it is cancelled."""
    visit = enter_portal(request, token)
    return render_page("portal_cancel.html", visit=visit, listed=listed(visit, visit.subscription(sub_id)))


@post("/subscriptions/{sub_id:str}/cancel", status_code=303)
async def cancel(request: SandboxRequest, token: FromPath[str], sub_id: FromPath[str]) -> Response[Any]:
    """Ends the subscription with its period or now, as the shop has configured."""
    visit = enter_portal(request, token)
    portal_changes.cancel(visit.account, visit.configuration, visit.subscription(sub_id))
    return see_other(f"{visit.home}?done=cancelled")


@post("/subscriptions/{sub_id:str}/keep", status_code=303)
async def keep(request: SandboxRequest, token: FromPath[str], sub_id: FromPath[str]) -> Response[Any]:
    """Takes a planned end back."""
    visit = enter_portal(request, token)
    portal_changes.keep(visit.account, visit.configuration, visit.subscription(sub_id))
    return see_other(f"{visit.home}?done=kept")


HANDLERS = [choose_plan, confirm_plan, change_plan, confirm_cancel, cancel, keep]
