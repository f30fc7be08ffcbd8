"""The one way into the API: key, outage, parameters, idempotency, work, answer — in Stripe's order."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation
from egpay_sandbox.api.expansion import expanded
from egpay_sandbox.api.form_encoding import nested
from egpay_sandbox.api.idempotency import IdempotencyCache, fingerprint
from egpay_sandbox.api.operations import OPERATIONS
from egpay_sandbox.api.outage import OutageSwitch
from egpay_sandbox.api.param_parsing import read
from egpay_sandbox.api.wire_format import (
    ApiRequest,
    ApiResponse,
    as_json,
    outage_answer,
    refusal,
    response,
    taken_apart,
)
from egpay_sandbox.delivery.delivery_log import DeliveryLog
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import Cause


@dataclass(frozen=True, slots=True)
class ApiHandler:
    """Answers every request under /v1."""

    account: SandboxAccount
    ledger: DeliveryLog
    outage: OutageSwitch
    first_answers: IdempotencyCache

    async def __call__(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """The whole way, from the wire to the wire."""
        asked = await taken_apart(request)
        struck = self.outage.strikes(asked.path)
        if struck is not None and struck.when == "before":
            return await outage_answer(struck, asked)
        answer = self._answer(asked)
        if struck is not None:
            return await outage_answer(struck, asked)
        return response(answer, asked)

    def _answer(self, asked: ApiRequest) -> ApiResponse:
        try:
            _check_key(asked)
            return self._once(asked)
        except StripeApiError as refused:
            return ApiResponse(refused.status, refusal(refused, asked))

    def _once(self, asked: ApiRequest) -> ApiResponse:
        if asked.method != "POST" or asked.key is None:
            return self._work(asked)
        now = self.account.clock.now()
        print_ = fingerprint(asked.method, asked.path, asked.pairs)
        first = self.first_answers.recall(asked.key, print_, now)
        if first is not None:
            return ApiResponse(first.status, first.body, replayed=True)
        try:
            answer = self._work(asked)
        except StripeApiError as refused:
            answer = ApiResponse(refused.status, refusal(refused, asked))
        self.first_answers.keep(
            asked.key, print_, answer.status, answer.body, request=asked.request_id, now=now
        )
        return answer

    def _work(self, asked: ApiRequest) -> ApiResponse:
        operation, row_id = _operation(asked)
        params = read(operation.params, nested(asked.pairs))
        self.account.cause = Cause(request=asked.request_id, idempotency_key=asked.key)
        try:
            said = operation.run(ApiCall(self.account, self.ledger, params, row_id))
        finally:
            self.account.cause = Cause()
        return ApiResponse(200, as_json(expanded(self.account, said, params.expand)))


def _check_key(asked: ApiRequest) -> None:
    kind, _, key = asked.authorization.partition(" ")
    if kind.lower() != "bearer" or not key.startswith(("sk_test_", "rk_test_")):
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            if not key
            else f"Invalid API Key provided: {key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
        )
        raise StripeApiError(message, status=401)


def _operation(asked: ApiRequest) -> tuple[ApiOperation, str]:
    for operation in OPERATIONS:
        row_id = operation.match(asked.method, asked.path)
        if row_id is not None:
            return operation, row_id
    raise StripeApiError(f"Unrecognized request URL ({asked.method}: {asked.path}).", status=404)
