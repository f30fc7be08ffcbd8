"""Hosted invoice page: what an invoice asks for, with a button to pay an open one."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from egpay_sandbox.pages.object_owners import OwnerIndex
from egpay_sandbox.pages.page_rendering import render_not_found, render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.renewals import retry_invoice


@get(["/invoices/{invoice_id:str}", "/invoices/{invoice_id:str}/pdf"])
async def show_invoice(request: SandboxRequest, invoice_id: FromPath[str]) -> Response[str]:
    """Shows the invoice; it prints well, which is all that the sandbox has for a PDF."""
    return _page(request, invoice_id)


@post("/invoices/{invoice_id:str}", status_code=303)
async def pay_invoice(request: SandboxRequest, invoice_id: FromPath[str]) -> Response[Any]:
    """Pays an open invoice of a subscription with its card."""
    try:
        retry_invoice(sandbox_of(request).account, invoice_id, "succeeded")
    except StripeApiError as refusal:
        return _page(request, invoice_id, message=refusal.message)
    return see_other(f"/invoices/{invoice_id}")


def _page(request: SandboxRequest, invoice_id: str, *, message: str = "") -> Response[str]:
    account = sandbox_of(request).account
    invoice = account.invoices.get(invoice_id)
    if invoice is None or not invoice.number:
        return render_not_found("There is no such invoice.")
    return render_page(
        "invoice.html",
        status=422 if message else 200,
        invoice=invoice,
        owner=OwnerIndex(account).of_invoice(invoice),
        message=message,
    )


HANDLERS = [show_invoice, pay_invoice]
