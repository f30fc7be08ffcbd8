"""The hosted Checkout page: what the buyer sees, and what his buttons do."""

from typing import Any, Literal
from urllib.parse import parse_qs, quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages.templates import page, see_other
from egpay_sandbox.request_values import SandboxRequest, world_of
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.buyer_details import BuyerDetails, known_email
from egpay_sandbox.stripe.checkout_payment import decline, pay
from egpay_sandbox.stripe.objects import Address, CheckoutSession, Shipping

_ADDRESS_FIELDS = ("line1", "line2", "city", "state", "postal_code", "country")


@get("/c/pay/{session_id:str}")
async def show(
    request: SandboxRequest, session_id: FromPath[str], declined: FromQuery[bool] = False
) -> Response[str]:
    """The page; an ended session says so with 410, an unknown one with 404."""
    message = "Your card was declined. Try another one." if declined else ""
    return _shown(world_of(request).account, session_id, message=message)


@post("/c/pay/{session_id:str}", status_code=303)
async def act(request: SandboxRequest, session_id: FromPath[str]) -> Response[Any]:
    """A button was pressed: pay, delayed, decline or cancel."""
    world = world_of(request)
    session = world.account.sessions.get(session_id)
    if session is None or session.status != "open":
        return _shown(world.account, session_id)
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
    try:
        return await _done(world, session, form)
    except StripeApiError as refused:
        return _shown(world.account, session_id, message=refused.message, status=422)


async def _done(world: Sandbox, session: CheckoutSession, form: dict[str, str]) -> Response[Any]:
    match form.get("action", "pay"):
        case "cancel":
            return see_other(session.cancel_url or f"/c/pay/{session.id}")
        case "decline":
            decline(world.account, session.id, _buyer(session, form, strict=False))
            return see_other(f"/c/pay/{session.id}?declined=true")
        case "delayed":
            return await _paid(world, session, _buyer(session, form), "sepa_debit")
        case _:
            return await _paid(world, session, _buyer(session, form), "card")


async def _paid(
    world: Sandbox, session: CheckoutSession, buyer: BuyerDetails, means: Literal["card", "sepa_debit"]
) -> Response[Any]:
    """Stripe waits up to 10 s for our answer to `completed` before it sends the buyer on (STRIPE.md 2.5)."""
    event = pay(world.account, session.id, buyer, means)
    await world.courier.heard(event.id, world.config.checkout_wait)
    url = session.success_url or "/"
    return see_other(url.replace("{CHECKOUT_SESSION_ID}", quote(session.id)))


def _buyer(session: CheckoutSession, form: dict[str, str], *, strict: bool = True) -> BuyerDetails:
    email = form.get("email", "").strip() or ("" if strict else "declined@example.com")
    shipping = None
    if session.allowed_countries is not None and strict:
        shipping = _shipping(session.allowed_countries, form)
    country = shipping.address.country if shipping else None
    return BuyerDetails(
        email=email,
        name=form.get("name", "").strip() or None,
        address=Address(country=country),
        shipping=shipping,
    )


def _shipping(allowed: list[str], form: dict[str, str]) -> Shipping:
    fields = {name: form.get(f"shipping_{name}", "").strip() or None for name in _ADDRESS_FIELDS}
    fields["country"] = fields["country"] or allowed[0]
    if fields["country"] not in allowed or not fields["line1"]:
        raise StripeApiError("Please enter a shipping address in one of the allowed countries.")
    return Shipping(address=Address(**fields), name=form.get("shipping_name") or form.get("name"))


def _shown(
    account: SandboxAccount, session_id: str, *, message: str = "", status: int = 200
) -> Response[str]:
    session = account.sessions.get(session_id)
    if session is None:
        return page("ended.html", status=404, title="Not found", text="There is no such Checkout Session.")
    if session.status != "open":
        said = "already been paid" if session.status == "complete" else "expired"
        return page("ended.html", status=410, title="Checkout", text=f"This Checkout Session has {said}.")
    return page(
        "checkout.html",
        status=status,
        goes_to=(session.success_url, session.cancel_url),
        session=session,
        lines=[(line, account.prices[line.price]) for line in session.lines],
        email=known_email(account, session),
        message=message,
    )


HANDLERS = [show, act]
