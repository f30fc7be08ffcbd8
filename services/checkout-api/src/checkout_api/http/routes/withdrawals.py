"""Withdrawal route: takes a consumer's declaration, without a login."""

from typing import Any

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from checkout_api.http.request_limits import ClientRateLimiter, read_json
from checkout_api.usecases.withdrawals import DeclareWithdrawal, WithdrawalReceived

LIMIT = 8 * 1024
"""Bytes of a request's body."""


@post("/v1/withdrawals")
async def declare_withdrawal(
    request: Request[Any, Any, State],
    declare: NamedDependency[DeclareWithdrawal],
    withdrawal_rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[WithdrawalReceived]:
    """Take a declaration; the worker mails its receipt at once."""
    withdrawal_rate_limit.take(request.client.host if request.client else "")
    received = await declare(await read_json(request.receive, request.headers, limit=LIMIT))
    return Response(received, status_code=202, headers={"cache-control": "no-store"})
