"""OpenAPI operations: one entry per route of the API."""

from typing import Any

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.country_operations import COUNTRY_OPERATIONS
from checkout_api.http.openapi.invitation_operations import INVITATION_OPERATIONS
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.openapi.product_operations import PRODUCT_OPERATIONS
from checkout_api.http.routes.billing_portal import PortalLinkRequested
from checkout_api.http.routes.checkout import CheckoutOpened
from checkout_api.http.routes.start import ApiEntry
from checkout_api.usecases.billing_portal import PortalForm
from checkout_api.usecases.list_products import ListedProduct
from checkout_api.usecases.order_form import OrderForm
from checkout_api.usecases.sale_state import SaleState
from egpay.runtime.readiness import Health

_ORDER_PROBLEMS = (
    problems.MALFORMED,
    problems.ALREADY_SUBSCRIBED,
    problems.IN_PROGRESS,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNSUPPORTED,
    problems.VALIDATION,
    problems.MISMATCH,
    problems.RATE_LIMITED,
    problems.PROVIDER_REFUSED,
    problems.PROVIDER_DOWN,
    problems.UNAVAILABLE,
)
_PORTAL_PROBLEMS = (
    problems.MALFORMED,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNSUPPORTED,
    problems.VALIDATION,
    problems.RATE_LIMITED,
    problems.UNAVAILABLE,
)
_WEBHOOK_PROBLEMS = (
    problems.BAD_SIGNATURE,
    problems.BAD_BODY,
    problems.WEBHOOK_METHOD,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNAVAILABLE,
)

OPERATIONS = (
    Operation(
        method="get",
        path="/",
        tag="storefront",
        summary="What this API is, and where to go from here. A browser gets the store, where it is served here.",
        parameters=("IfNoneMatch",),
        answer=ApiEntry,
        unchanged=True,
    ),
    Operation(
        method="get",
        path="/v1/products",
        tag="storefront",
        summary="What is on sale, and whether it can be bought now. Amounts are integer minor units.",
        answer=list[ListedProduct],
        problems=(problems.UNAVAILABLE,),
    ),
    *COUNTRY_OPERATIONS,
    Operation(
        method="post",
        path="/v1/checkout/sessions",
        tag="storefront",
        summary="Take an order and open the page where it is paid. Send the buyer to checkout_url as it is.",
        body=OrderForm,
        parameters=("IdempotencyKey",),
        status=201,
        answer=CheckoutOpened,
        problems=_ORDER_PROBLEMS,
    ),
    Operation(
        method="get",
        path="/v1/sales/{sale_id}",
        tag="storefront",
        summary="How a sale stands now, or, with wait and since, once it is another than the caller knows.",
        parameters=("SaleId", "Wait", "Since"),
        answer=SaleState,
        problems=(problems.BAD_REQUEST, problems.NOT_FOUND, problems.UNAVAILABLE),
    ),
    Operation(
        method="get",
        path="/v1/sales/{sale_id}/documents/{kind}",
        tag="storefront",
        summary="A document of a sale: a redirect to where the payment provider shows it now.",
        parameters=("SaleId", "DocumentKind"),
        status=303,
        problems=(
            problems.NOT_FOUND,
            problems.RATE_LIMITED,
            problems.PROVIDER_REFUSED,
            problems.PROVIDER_DOWN,
            problems.UNAVAILABLE,
        ),
    ),
    Operation(
        method="get",
        path="/v1/sales/{sale_id}/continue",
        tag="storefront",
        summary="Continue an order that is not paid: a redirect to its page, or to its status page once it is paid.",
        parameters=("SaleId",),
        status=303,
        problems=(
            problems.NOT_FOUND,
            problems.ALREADY_SUBSCRIBED,
            problems.RATE_LIMITED,
            problems.PROVIDER_REFUSED,
            problems.PROVIDER_DOWN,
            problems.UNAVAILABLE,
        ),
    ),
    Operation(
        method="post",
        path="/v1/billing-portal/sessions",
        tag="storefront",
        summary="Ask for a link to the billing portal, mailed if the e-mail has a subscription. 202 in any case.",
        body=PortalForm,
        status=202,
        answer=PortalLinkRequested,
        problems=_PORTAL_PROBLEMS,
    ),
    Operation(
        method="get",
        path="/v1/billing-portal/sessions/{token}",
        tag="storefront",
        summary="Open the billing portal by the link of an e-mail, once: a redirect to a fresh session.",
        parameters=("Token",),
        status=303,
        problems=(
            problems.LINK_GONE,
            problems.RATE_LIMITED,
            problems.PROVIDER_REFUSED,
            problems.PROVIDER_DOWN,
            problems.UNAVAILABLE,
        ),
    ),
    *PRODUCT_OPERATIONS,
    *INVITATION_OPERATIONS,
    Operation(
        method="post",
        path="/webhooks/stripe",
        tag="webhooks",
        summary="An event from Stripe, byte for byte. 200 once it is on disk, also when it is not new or not ours.",
        body=dict[str, Any],
        parameters=("StripeSignature",),
        problems=_WEBHOOK_PROBLEMS,
    ),
    Operation(
        method="post",
        path="/webhooks/warehouse",
        tag="webhooks",
        summary="A shipment's progress, signed by Standard Webhooks. 200 once it is on disk.",
        body=dict[str, Any],
        parameters=("WebhookId", "WebhookTimestamp", "WebhookSignature"),
        problems=_WEBHOOK_PROBLEMS,
    ),
    Operation(
        method="get",
        path="/livez",
        tag="operations",
        summary="The process answers.",
        answer=Health,
    ),
    Operation(
        method="get",
        path="/readyz",
        tag="operations",
        summary="Whether it should be sent work; 503 with what is missing when it should not.",
        answer=Health,
        also=(503,),
    ),
    Operation(
        method="get",
        path="/metrics",
        tag="operations",
        summary="Prometheus text.",
        answer=str,
        answer_type="text/plain",
    ),
    Operation(
        method="get",
        path="/problems/{word}",
        tag="operations",
        summary="What a problem's type means.",
        parameters=("Word",),
        answer=str,
        answer_type="text/plain",
        problems=(problems.NOT_FOUND,),
    ),
)
