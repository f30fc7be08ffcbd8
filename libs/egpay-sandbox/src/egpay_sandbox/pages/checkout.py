"""Hosted Checkout page: shows the session and handles the buyer's buttons."""

from typing import Any, Literal
from urllib.parse import parse_qs, quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages.page_rendering import render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.buyer_details import EXAMPLE_ADDRESS, BuyerDetails, prefilled_email
from egpay_sandbox.stripe.checkout_payment import decline_session, pay_session
from egpay_sandbox.stripe.discounts import enter_promotion_code
from egpay_sandbox.stripe.objects import Address, CheckoutSession, Shipping

_ADDRESS_FIELDS = ("line1", "line2", "city", "state", "postal_code", "country")


@get("/c/pay/{session_id:str}")
async def show_checkout(
    request: SandboxRequest, session_id: FromPath[str], declined: FromQuery[bool] = False
) -> Response[str]:
    """Shows the page; 410 for an ended session, 404 for an unknown one."""
    message = "Your card was declined. Try another one." if declined else ""
    return _checkout_page(sandbox_of(request).account, session_id, message=message)


@post("/c/pay/{session_id:str}", status_code=303)
async def submit_checkout(request: SandboxRequest, session_id: FromPath[str]) -> Response[Any]:
    """Handles a pressed button: pay, delayed, decline, cancel, or a promotion code."""
    sandbox = sandbox_of(request)
    session = sandbox.account.sessions.get(session_id)
    if session is None or session.status != "open":
        return _checkout_page(sandbox.account, session_id)
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
    try:
        return await _run_button(sandbox, session, form)
    except StripeApiError as api_error:
        return _checkout_page(sandbox.account, session_id, message=api_error.message, status=422)


async def _run_button(sandbox: Sandbox, session: CheckoutSession, form: dict[str, str]) -> Response[Any]:
    match form.get("action", "pay"):
        case "cancel":
            return see_other(session.cancel_url or f"/c/pay/{session.id}")
        case "promotion":
            enter_promotion_code(sandbox.account, session, form.get("promotion_code", ""))
            return see_other(f"/c/pay/{session.id}")
        case "decline":
            decline_session(sandbox.account, session.id, _buyer(session, form, strict=False))
            return see_other(f"/c/pay/{session.id}?declined=true")
        case "delayed":
            return await _pay(sandbox, session, _buyer(session, form), "sepa_debit")
        case _:
            return await _pay(sandbox, session, _buyer(session, form), "card")


async def _pay(
    sandbox: Sandbox, session: CheckoutSession, buyer: BuyerDetails, means: Literal["card", "sepa_debit"]
) -> Response[Any]:
    """Pays, and waits up to 10 s for our answer to `completed`, as Stripe does (STRIPE.md 2.5)."""
    event = pay_session(sandbox.account, session.id, buyer, means)
    await sandbox.dispatcher.wait_until_attempted(event.id, sandbox.config.checkout_wait)
    url = session.success_url or "/"
    return see_other(url.replace("{CHECKOUT_SESSION_ID}", quote(session.id)))


def _buyer(session: CheckoutSession, form: dict[str, str], *, strict: bool = True) -> BuyerDetails:
    email = form.get("email", "").strip() or ("" if strict else "declined@example.com")
    shipping = None
    if session.allowed_countries is not None and strict:
        shipping = _shipping(session.allowed_countries, form)
    country = shipping.address.country if shipping else None
    is_required = session.billing_address_collection == "required" and strict
    return BuyerDetails(
        email=email,
        name=form.get("name", "").strip() or None,
        address=_billing(form) if is_required else Address(country=country),
        shipping=shipping,
        tax_id=form.get("tax_id", "").strip() or None,
    )


def _billing(form: dict[str, str]) -> Address:
    fields = {name: form.get(f"billing_{name}", "").strip() or None for name in _ADDRESS_FIELDS}
    if not fields["line1"] or not fields["country"] or not form.get("name", "").strip():
        raise StripeApiError("Please enter a billing name and address.")
    return Address(**fields)


def _shipping(allowed: list[str], form: dict[str, str]) -> Shipping:
    fields = {name: form.get(f"shipping_{name}", "").strip() or None for name in _ADDRESS_FIELDS}
    fields["country"] = fields["country"] or allowed[0]
    if fields["country"] not in allowed or not fields["line1"]:
        raise StripeApiError("Please enter a shipping address in one of the allowed countries.")
    return Shipping(address=Address(**fields), name=form.get("shipping_name") or form.get("name"))


def _checkout_page(
    account: SandboxAccount, session_id: str, *, message: str = "", status: int = 200
) -> Response[str]:
    session = account.sessions.get(session_id)
    if session is None:
        return render_page(
            "ended.html", status=404, title="Not found", text="There is no such Checkout Session."
        )
    if session.status != "open":
        said = "already been paid" if session.status == "complete" else "expired"
        return render_page(
            "ended.html", status=410, title="Checkout", text=f"This Checkout Session has {said}."
        )
    return render_page(
        "checkout.html",
        status=status,
        form_targets=(session.success_url, session.cancel_url),
        session=session,
        lines=[(line, account.prices[line.price]) for line in session.lines],
        email=prefilled_email(account, session),
        billing=EXAMPLE_ADDRESS,
        message=message,
    )


HANDLERS = [show_checkout, submit_checkout]
