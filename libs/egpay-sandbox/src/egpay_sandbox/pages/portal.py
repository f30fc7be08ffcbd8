"""Billing portal: a customer sees subscriptions, card, details and invoices, and changes what the shop lets them."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages import portal_subscriptions
from egpay_sandbox.pages.page_rendering import render_page, see_other
from egpay_sandbox.pages.portal_visit import (
    PortalClosed,
    PortalVisit,
    enter_portal,
    show_closed,
    show_refusal,
)
from egpay_sandbox.request_values import SandboxRequest
from egpay_sandbox.stripe import portal_changes
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import PaymentMethod
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES

_SHOWN = 24
_DONE = {
    "changed": "Your subscription is changed.",
    "cancelled": "Your cancellation is taken.",
    "kept": "Your subscription goes on.",
    "card": "Your card is changed.",
    "details": "Your details are changed.",
}


@get("/")
async def show_portal(
    request: SandboxRequest, token: FromPath[str], done: FromQuery[str] = ""
) -> Response[str]:
    """Shows the customer's own page; 404 for a link that was never created, 410 for one that has expired."""
    visit = enter_portal(request, token)
    account, mine = visit.account, visit.portal.customer
    subscriptions = [s for s in account.subscriptions.newest_first() if s.customer == mine]
    return render_page(
        "portal.html",
        visit=visit,
        done=_DONE.get(done, ""),
        live=[portal_subscriptions.listed(visit, s) for s in subscriptions if s.status not in ENDED_STATUSES],
        ended=[portal_subscriptions.listed(visit, s) for s in subscriptions if s.status in ENDED_STATUSES],
        method=_method(visit),
        invoices=[i for i in account.invoices.newest_first() if i.customer == mine and i.number][:_SHOWN],
        details=_allowed_details(visit),
    )


@get("/card")
async def show_card(request: SandboxRequest, token: FromPath[str]) -> Response[str]:
    """Asks for another card."""
    return render_page("portal_card.html", visit=enter_portal(request, token), typed="", message="")


@post("/card", status_code=303)
async def change_card(request: SandboxRequest, token: FromPath[str]) -> Response[Any]:
    """Changes the card, or says why it is not taken."""
    visit = enter_portal(request, token)
    number = (await _form(request)).get("card_number", "")
    try:
        portal_changes.change_card(visit.account, visit.configuration, visit.portal, number)
    except StripeApiError as refusal:
        if refusal.kind != "card_error":
            raise
        return render_page("portal_card.html", status=422, visit=visit, typed=number, message=refusal.message)
    return see_other(f"{visit.home}?done=card")


@get("/details")
async def show_details(request: SandboxRequest, token: FromPath[str]) -> Response[str]:
    """Asks for other details of the customer."""
    visit = enter_portal(request, token)
    customer = visit.customer
    address = customer.address
    typed = {"email": customer.email or "", "name": customer.name or ""}
    typed |= {name: getattr(address, name) or "" for name in address.__struct_fields__} if address else {}
    return _details_page(visit, typed)


@post("/details", status_code=303)
async def change_details(request: SandboxRequest, token: FromPath[str]) -> Response[Any]:
    """Changes what the configuration lets a customer change, or says what is wrong."""
    visit = enter_portal(request, token)
    typed = await _form(request)
    try:
        portal_changes.change_details(visit.account, visit.configuration, visit.portal, typed)
    except StripeApiError as refusal:
        if refusal.param is None:
            raise
        return _details_page(visit, typed, refusal.message)
    return see_other(f"{visit.home}?done=details")


def _details_page(visit: PortalVisit, typed: dict[str, str], message: str = "") -> Response[str]:
    return render_page(
        "portal_details.html",
        status=422 if message else 200,
        visit=visit,
        allowed=_allowed_details(visit),
        typed=typed,
        message=message,
    )


def _allowed_details(visit: PortalVisit) -> list[str]:
    return portal_changes.allowed_details(visit.configuration)


def _method(visit: PortalVisit) -> PaymentMethod | None:
    """The customer's default card, else that of their newest subscription."""
    known = visit.account.payment_methods
    for sub in visit.account.subscriptions.newest_first():
        if sub.customer == visit.portal.customer and sub.default_payment_method:
            return known.get(visit.customer.default_payment_method or sub.default_payment_method)
    return known.get(visit.customer.default_payment_method)


async def _form(request: SandboxRequest) -> dict[str, str]:
    return {name: value.strip() for name, value in parse_qsl((await request.body()).decode())}


HANDLERS = [
    Router(
        "/p/session/{token:str}",
        route_handlers=[
            show_portal,
            show_card,
            change_card,
            show_details,
            change_details,
            *portal_subscriptions.HANDLERS,
        ],
        exception_handlers={PortalClosed: show_closed, StripeApiError: show_refusal},
    )
]
