"""Hosted Checkout page: shows the session and handles the buyer's buttons."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, quote

from litestar import Response, get, post
from litestar.params import FromPath

from egpay_sandbox.pages.checkout_form import TypedDetails, read_buyer
from egpay_sandbox.pages.checkout_summary import summarize
from egpay_sandbox.pages.page_rendering import render_ended, render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.bank_debits import DebitOutcome, schedule_debit
from egpay_sandbox.stripe.buyer_details import prefilled_email
from egpay_sandbox.stripe.card_numbers import GOOD_NUMBER, read_card
from egpay_sandbox.stripe.checkout_payment import decline_session, pay_session
from egpay_sandbox.stripe.discounts import enter_promotion_code, remove_promotion_code
from egpay_sandbox.stripe.objects import CheckoutSession

_DEBITS: Mapping[str, DebitOutcome] = {"debit_succeeds": "succeeded", "debit_fails": "failed"}
_APPLIED = "The code is applied. Please look at the new total."


@get("/c/pay/{session_id:str}")
async def show_checkout(request: SandboxRequest, session_id: FromPath[str]) -> Response[str]:
    """Shows the page; 410 for an ended session, 404 for an unknown one."""
    return _checkout_page(sandbox_of(request).account, session_id)


@post("/c/pay/{session_id:str}", status_code=303)
async def submit_checkout(request: SandboxRequest, session_id: FromPath[str]) -> Response[Any]:
    """Handles a pressed button: a payment of some kind, cancel, or a promotion code; what was typed stays."""
    sandbox = sandbox_of(request)
    session = sandbox.account.sessions.get(session_id)
    if session is None or session.status != "open":
        return _checkout_page(sandbox.account, session_id)
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
    try:
        return await _run_button(sandbox, session, form)
    except StripeApiError as api_error:
        return _checkout_page(sandbox.account, session_id, form, message=api_error.message, status=422)


async def _run_button(sandbox: Sandbox, session: CheckoutSession, form: dict[str, str]) -> Response[Any]:
    action = form.get("action", "pay")
    match action:
        case "cancel":
            return see_other(session.cancel_url or f"/c/pay/{session.id}")
        case "promotion":
            return _apply_code(sandbox.account, session, form)
        case "remove_promotion":
            remove_promotion_code(sandbox.account, session)
            return _checkout_page(sandbox.account, session.id, form)
        case "decline":
            return _decline(sandbox.account, session, form)
        case "delayed" | "debit_succeeds" | "debit_fails":
            answer = await _pay(sandbox, session, form, "sepa_debit")
            if action in _DEBITS:
                schedule_debit(sandbox.account, session.id, _DEBITS[action])
            return answer
        case _:
            return await _pay_by_card(sandbox, session, form)


async def _pay_by_card(sandbox: Sandbox, session: CheckoutSession, form: dict[str, str]) -> Response[Any]:
    """Pays, unless a code waits to be applied, whose total the buyer has not seen yet."""
    if form.get("promotion_code", "").strip() and session.discount is None:
        return _apply_code(sandbox.account, session, form)
    try:
        read_card(form.get("card_number", "").strip() or GOOD_NUMBER)
    except StripeApiError as refusal:
        if refusal.code == "card_declined":
            return _decline(sandbox.account, session, form)
        raise
    return await _pay(sandbox, session, form, "card")


def _apply_code(account: SandboxAccount, session: CheckoutSession, form: dict[str, str]) -> Response[str]:
    enter_promotion_code(account, session, form.get("promotion_code", ""))
    return _checkout_page(account, session.id, form, message=_APPLIED, status=200)


def _decline(account: SandboxAccount, session: CheckoutSession, form: dict[str, str]) -> Response[str]:
    decline_session(account, session.id, read_buyer(session, form, strict=False))
    message = "Your card was declined. Try another one."
    typed = {**form, "card_number": GOOD_NUMBER}
    return _checkout_page(account, session.id, typed, message=message, is_fault=True)


async def _pay(
    sandbox: Sandbox, session: CheckoutSession, form: dict[str, str], means: Literal["card", "sepa_debit"]
) -> Response[Any]:
    """Pays, and waits up to 10 s for our answer to `completed`, as Stripe does (STRIPE.md 2.5)."""
    event = pay_session(sandbox.account, session.id, read_buyer(session, form), means)
    await sandbox.dispatcher.wait_until_attempted(event.id, sandbox.config.checkout_wait)
    return see_other(_success_url(session))


def _success_url(session: CheckoutSession) -> str:
    return (session.success_url or "/").replace("{CHECKOUT_SESSION_ID}", quote(session.id))


def _checkout_page(
    account: SandboxAccount,
    session_id: str,
    form: dict[str, str] | None = None,
    *,
    message: str = "",
    status: int = 200,
    is_fault: bool = False,
) -> Response[str]:
    session = account.sessions.get(session_id)
    if session is None:
        return render_ended(404, "Not found", "There is no such Checkout Session.", back="")
    if session.status == "complete":
        text, back = "This Checkout Session has already been paid.", _success_url(session)
        return render_ended(410, "Checkout", text, back=back, back_text="See your order")
    if session.status == "expired":
        text = "This Checkout Session has expired."
        return render_ended(410, "Checkout", text, back=session.cancel_url)
    return render_page(
        "checkout.html",
        status=status,
        form_targets=(session.success_url, session.cancel_url),
        session=session,
        summary=summarize(account, session),
        email=prefilled_email(account, session),
        typed=TypedDetails.of(form, account.customers.get(session.customer)),
        debit_delay=f"{account.settings.debit_delay:g}",
        message=message,
        is_fault=is_fault or status != 200,
    )


HANDLERS = [show_checkout, submit_checkout]
