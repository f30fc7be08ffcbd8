"""API request pipeline in Stripe's order: key, outage, refusal, idempotency, parameters, operation, response."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation
from egpay_sandbox.api.expansion import expand_paths
from egpay_sandbox.api.form_encoding import decode_form
from egpay_sandbox.api.idempotency import IdempotencyCache, fingerprint
from egpay_sandbox.api.operations import OPERATIONS
from egpay_sandbox.api.outage import OutageSwitch
from egpay_sandbox.api.param_parsing import parse_params
from egpay_sandbox.api.refusal import RefusalSwitch
from egpay_sandbox.api.wire_format import (
    ApiRequest,
    ApiResponse,
    error_body,
    http_response,
    outage_response,
    parse_request,
    to_json,
)
from egpay_sandbox.delivery.delivery_log import DeliveryLog
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import Cause


@dataclass(frozen=True, slots=True)
class ApiHandler:
    """Handles every request under /v1."""

    account: SandboxAccount
    delivery_log: DeliveryLog
    outage: OutageSwitch
    refusal: RefusalSwitch
    idempotency_cache: IdempotencyCache

    async def __call__(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Carries one request from the wire through all steps of the pipeline to its response."""
        api_request = await parse_request(request)
        outage_plan = self.outage.intercept(api_request.path)
        if outage_plan is not None and outage_plan.when == "before":
            return await outage_response(outage_plan, api_request)
        api_response = self._handle(api_request)
        if outage_plan is not None:
            return await outage_response(outage_plan, api_request)
        return http_response(api_response, api_request)

    def _handle(self, api_request: ApiRequest) -> ApiResponse:
        try:
            _check_key(api_request)
            self.refusal.check(api_request.method, api_request.path)
            return self._handle_idempotently(api_request)
        except StripeApiError as api_error:
            return ApiResponse(api_error.status, error_body(api_error, api_request))

    def _handle_idempotently(self, api_request: ApiRequest) -> ApiResponse:
        if api_request.method != "POST" or api_request.key is None:
            return self._execute(api_request)
        now = self.account.clock.now()
        request_fingerprint = fingerprint(api_request.method, api_request.path, api_request.pairs)
        stored = self.idempotency_cache.find(api_request.key, request_fingerprint, now)
        if stored is not None:
            return ApiResponse(stored.status, stored.body, replayed=True)
        try:
            api_response = self._execute(api_request)
        except StripeApiError as api_error:
            api_response = ApiResponse(api_error.status, error_body(api_error, api_request))
        self.idempotency_cache.store(
            api_request.key,
            request_fingerprint,
            api_response.status,
            api_response.body,
            request=api_request.request_id,
            now=now,
        )
        return api_response

    def _execute(self, api_request: ApiRequest) -> ApiResponse:
        operation, row_id = _operation(api_request)
        params = parse_params(operation.params, decode_form(api_request.pairs))
        self.account.cause = Cause(request=api_request.request_id, idempotency_key=api_request.key)
        try:
            result = operation.run(ApiCall(self.account, self.delivery_log, params, row_id))
        finally:
            self.account.cause = Cause()
        return ApiResponse(200, to_json(expand_paths(self.account, result, params.expand)))


def _check_key(api_request: ApiRequest) -> None:
    kind, _, key = api_request.authorization.partition(" ")
    if kind.lower() != "bearer" or not key.startswith(("sk_test_", "rk_test_")):
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            if not key
            else f"Invalid API Key provided: {key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
        )
        raise StripeApiError(message, status=401)


def _operation(api_request: ApiRequest) -> tuple[ApiOperation, str]:
    for operation in OPERATIONS:
        row_id = operation.match(api_request.method, api_request.path)
        if row_id is not None:
            return operation, row_id
    raise StripeApiError(f"Unrecognized request URL ({api_request.method}: {api_request.path}).", status=404)
