"""Invoice operations: invoices and invoice payments over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.invoice_parts import render_invoice_line
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.invoice_closing import (
    finalize_draft,
    pay_out_of_band,
    void_invoice,
    write_off_invoice,
)
from egpay_sandbox.stripe.objects import Invoice, InvoicePayment
from egpay_sandbox.stripe.renewals import retry_invoice
from egpay_sandbox.stripe.requests.billing import (
    InvoiceFinalize,
    InvoiceList,
    InvoicePay,
    InvoicePaymentList,
)
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams


def _retrieve_invoice(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.invoices, call.row_id))


def _list_invoices(call: ApiCall) -> dict[str, Any]:
    params: InvoiceList = call.params
    rows: list[Invoice] = [
        row
        for row in call.account.invoices.newest_first()
        if params.customer in (None, row.customer)
        and params.subscription in (None, row.subscription)
        and params.status in (None, row.status)
    ]
    return list_page(call, "/v1/invoices", [render(call.account, row) for row in rows])


def _invoice_lines(call: ApiCall) -> dict[str, Any]:
    invoice = get_or_404(call.account.invoices, call.row_id)
    lines = [render_invoice_line(invoice, line) for line in invoice.lines]
    return list_page(call, f"/v1/invoices/{invoice.id}/lines", lines)


def _pay_invoice(call: ApiCall) -> dict[str, Any]:
    params: InvoicePay = call.params
    if params.paid_out_of_band:
        return render(call.account, pay_out_of_band(call.account, call.row_id))
    return render(call.account, retry_invoice(call.account, call.row_id, "succeeded"))


def _void_invoice(call: ApiCall) -> dict[str, Any]:
    return render(call.account, void_invoice(call.account, call.row_id))


def _write_off_invoice(call: ApiCall) -> dict[str, Any]:
    return render(call.account, write_off_invoice(call.account, call.row_id))


def _finalize_invoice(call: ApiCall) -> dict[str, Any]:
    return render(call.account, finalize_draft(call.account, call.row_id))


def _list_invoice_payments(call: ApiCall) -> dict[str, Any]:
    params: InvoicePaymentList = call.params
    intent = params.payment.payment_intent if params.payment else None
    rows: list[InvoicePayment] = [
        row
        for row in call.account.invoice_payments.newest_first()
        if params.invoice in (None, row.invoice)
        and intent in (None, row.payment_intent)
        and params.status in (None, row.status)
    ]
    return list_page(call, "/v1/invoice_payments", [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("GET", "/v1/invoices", InvoiceList, _list_invoices),
    ApiOperation("GET", "/v1/invoices/{id}", AnyParams, _retrieve_invoice),
    ApiOperation("POST", "/v1/invoices/{id}/pay", InvoicePay, _pay_invoice),
    ApiOperation("POST", "/v1/invoices/{id}/void", AnyParams, _void_invoice),
    ApiOperation("POST", "/v1/invoices/{id}/mark_uncollectible", AnyParams, _write_off_invoice),
    ApiOperation("POST", "/v1/invoices/{id}/finalize", InvoiceFinalize, _finalize_invoice),
    ApiOperation("GET", "/v1/invoices/{id}/lines", ListParams, _invoice_lines),
    ApiOperation("GET", "/v1/invoice_payments", InvoicePaymentList, _list_invoice_payments),
]
