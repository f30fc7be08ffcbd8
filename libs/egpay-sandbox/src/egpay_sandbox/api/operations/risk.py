"""Risk operations: disputes, early fraud warnings and reviews over HTTP."""

from collections.abc import Sequence
from typing import Any, TypeVar

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.disputes import close_dispute, update_dispute
from egpay_sandbox.stripe.objects import Dispute, EarlyFraudWarning, Review
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams
from egpay_sandbox.stripe.requests.risk import ChargeSignalList, DisputeUpdate
from egpay_sandbox.stripe.risk_signals import close_review

_WARNINGS = "/v1/radar/early_fraud_warnings"
Signal = TypeVar("Signal", Dispute, EarlyFraudWarning)


def _disputes(call: ApiCall) -> dict[str, Any]:
    return _page(call, "/v1/disputes", _of_charge(call.params, call.account.disputes.newest_first()))


def _dispute(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.disputes, call.row_id))


def _update_dispute(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_dispute(call.account, call.params, call.row_id))


def _accept_dispute(call: ApiCall) -> dict[str, Any]:
    return render(call.account, close_dispute(call.account, call.row_id, "lost"))


def _warnings(call: ApiCall) -> dict[str, Any]:
    return _page(call, _WARNINGS, _of_charge(call.params, call.account.warnings.newest_first()))


def _warning(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.warnings, call.row_id))


def _reviews(call: ApiCall) -> dict[str, Any]:
    """Lists open reviews only (docs.stripe.com/api/radar/reviews/list)."""
    rows = [row for row in call.account.reviews.newest_first() if row.closed_reason is None]
    return _page(call, "/v1/reviews", rows)


def _review(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.reviews, call.row_id))


def _approve_review(call: ApiCall) -> dict[str, Any]:
    return render(call.account, close_review(call.account, call.row_id, "approved"))


def _of_charge(params: ChargeSignalList, rows: list[Signal]) -> list[Signal]:
    return [
        row
        for row in rows
        if params.charge in (None, row.charge) and params.payment_intent in (None, row.payment_intent)
    ]


def _page(call: ApiCall, path: str, rows: Sequence[Dispute | EarlyFraudWarning | Review]) -> dict[str, Any]:
    return list_page(call, path, [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("GET", "/v1/disputes", ChargeSignalList, _disputes),
    ApiOperation("GET", "/v1/disputes/{id}", AnyParams, _dispute),
    ApiOperation("POST", "/v1/disputes/{id}", DisputeUpdate, _update_dispute),
    ApiOperation("POST", "/v1/disputes/{id}/close", AnyParams, _accept_dispute),
    ApiOperation("GET", _WARNINGS, ChargeSignalList, _warnings),
    ApiOperation("GET", f"{_WARNINGS}/{{id}}", AnyParams, _warning),
    ApiOperation("GET", "/v1/reviews", ListParams, _reviews),
    ApiOperation("GET", "/v1/reviews/{id}", AnyParams, _review),
    ApiOperation("POST", "/v1/reviews/{id}/approve", AnyParams, _approve_review),
]
