"""OpenAPI operations that providers and orchestrators call: webhooks, health, metrics."""

from typing import Any

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.examples import SALE_ID
from checkout_api.http.openapi.operation import Operation
from egpay.runtime.readiness import Health

_WEBHOOK_PROBLEMS = (
    problems.BAD_SIGNATURE,
    problems.BAD_BODY,
    problems.WEBHOOK_METHOD,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNAVAILABLE,
)
PROVIDER_OPERATIONS = (
    Operation(
        method="post",
        path="/webhooks/stripe",
        name="receiveStripeEvent",
        tag="webhooks",
        summary="An event from Stripe",
        description="Byte for byte as it was signed. 200 once it is on disk, also when it is not new or not ours.",
        body=dict[str, Any],
        body_example={
            "id": "evt_1SXkq2Lg8yZ",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": 1795000000,
            "livemode": False,
            "type": "checkout.session.completed",
            "data": {
                "object": {
                    "id": "cs_test_a1B2c3",
                    "object": "checkout.session",
                    "payment_status": "paid",
                    "amount_subtotal": 4900,
                    "amount_total": 4900,
                    "currency": "eur",
                    "metadata": {},
                }
            },
        },
        parameters=("StripeSignature",),
        security="StripeSignature",
        problems=_WEBHOOK_PROBLEMS,
    ),
    Operation(
        method="post",
        path="/webhooks/warehouse",
        name="receiveWarehouseMessage",
        tag="webhooks",
        summary="A shipment's progress",
        description="Signed by Standard Webhooks. 200 once it is on disk.",
        body=dict[str, Any],
        body_example={
            "type": "shipment.shipped",
            "timestamp": "2026-11-24T09:30:00Z",
            "data": {"sale_id": SALE_ID, "carrier": "DHL"},
        },
        parameters=("WebhookId", "WebhookTimestamp", "WebhookSignature"),
        security="StandardWebhooks",
        problems=_WEBHOOK_PROBLEMS,
    ),
    Operation(
        method="get",
        path="/livez",
        name="getLiveness",
        tag="operations",
        summary="The process answers",
        description="200 while it does; no restart would help then.",
        answer=Health,
        example={"status": "ok", "checks": {}},
    ),
    Operation(
        method="get",
        path="/readyz",
        name="getReadiness",
        tag="operations",
        summary="Whether it should be sent work",
        description="200, also where it works in part; 503 with what is missing where it should be sent none.",
        answer=Health,
        also=(503,),
        example={"status": "ok", "checks": {"background": "ok", "database": "ok", "broker": "ok"}},
    ),
    Operation(
        method="get",
        path="/metrics",
        name="getMetrics",
        tag="operations",
        summary="Prometheus metrics",
        description="As text, of all processes behind this port.",
        answer=str,
        answer_type="text/plain",
        example="egpay_http_requests_total 1\n",
    ),
    Operation(
        method="get",
        path="/problems/{word}",
        name="explainProblem",
        tag="operations",
        summary="What a problem means",
        description="The `type` of every problem leads here.",
        parameters=("Word",),
        answer=str,
        answer_type="text/plain",
        example="429 Too many requests\n\nWait as long as Retry-After says.\n",
        problems=(problems.NOT_FOUND,),
    ),
)
