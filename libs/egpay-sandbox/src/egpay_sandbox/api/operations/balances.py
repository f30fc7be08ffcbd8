"""Balance operations: credit notes and customer balances over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.credit_note import render_credit_note_line
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe import credit_notes
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.customer_balances import create_balance_transaction
from egpay_sandbox.stripe.requests.balances import (
    BalanceTransactionCreate,
    CreditNoteCreate,
    CreditNoteList,
    CreditNoteUpdate,
)
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams

_NOTES = "/v1/credit_notes"
_TRANSACTIONS = "/v1/customers/{id}/balance_transactions"


def _create(call: ApiCall) -> dict[str, Any]:
    return render(call.account, credit_notes.issue_credit_note(call.account, call.params))


def _retrieve(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.credit_notes, call.row_id))


def _update(call: ApiCall) -> dict[str, Any]:
    return render(call.account, credit_notes.update_credit_note(call.account, call.params, call.row_id))


def _void(call: ApiCall) -> dict[str, Any]:
    """Voids a note of an open invoice; the API refuses any other."""
    note = get_or_404(call.account.credit_notes, call.row_id)
    if call.account.invoices[note.invoice].status != "open":
        raise wrong_state("You can only void credit notes of open invoices.")
    return render(call.account, credit_notes.void_credit_note(call.account, call.row_id))


def _list(call: ApiCall) -> dict[str, Any]:
    params: CreditNoteList = call.params
    rows = [
        row
        for row in call.account.credit_notes.newest_first()
        if params.customer in (None, row.customer) and params.invoice in (None, row.invoice)
    ]
    return list_page(call, _NOTES, [render(call.account, row) for row in rows])


def _lines(call: ApiCall) -> dict[str, Any]:
    note = get_or_404(call.account.credit_notes, call.row_id)
    lines = [render_credit_note_line(line) for line in note.lines]
    return list_page(call, f"{_NOTES}/{note.id}/lines", lines)


def _change_balance(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_balance_transaction(call.account, call.params, call.row_id))


def _transactions(call: ApiCall) -> dict[str, Any]:
    rows = [row for row in call.account.balance_transactions.newest_first() if row.customer == call.row_id]
    path = _TRANSACTIONS.replace("{id}", call.row_id)
    return list_page(call, path, [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("POST", _NOTES, CreditNoteCreate, _create),
    ApiOperation("GET", _NOTES, CreditNoteList, _list),
    ApiOperation("GET", f"{_NOTES}/{{id}}", AnyParams, _retrieve),
    ApiOperation("POST", f"{_NOTES}/{{id}}", CreditNoteUpdate, _update),
    ApiOperation("POST", f"{_NOTES}/{{id}}/void", AnyParams, _void),
    ApiOperation("GET", f"{_NOTES}/{{id}}/lines", ListParams, _lines),
    ApiOperation("POST", _TRANSACTIONS, BalanceTransactionCreate, _change_balance),
    ApiOperation("GET", _TRANSACTIONS, ListParams, _transactions),
]
