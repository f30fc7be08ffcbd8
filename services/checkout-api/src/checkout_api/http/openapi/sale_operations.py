"""OpenAPI operations of one sale, for the holder of its id."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.common_problems import BODY, PROVIDER
from checkout_api.http.openapi.examples import SALE_ID
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.routes.leading import Destination
from checkout_api.usecases.sale_state import SaleState
from checkout_api.usecases.withdrawals import WithdrawalForm, WithdrawalReceived

_URL = f"https://api.shop.example/v1/sales/{SALE_ID}"
_PARCEL = {
    "status": "shipped",
    "carrier": "DHL",
    "tracking_number": "JD014600003",
    "tracking_url": "https://dhl.example/JD014600003",
}
SALE = {
    "id": SALE_ID,
    "version": 7,
    "created_at": "2026-11-23T12:00:00Z",
    "status": "paid",
    "payment": "card",
    "total": 16600,
    "currency": "eur",
    "total_details": {"discount": 0, "shipping": 0, "tax": 3154},
    "lines": [
        {
            "product": "sensor",
            "kind": "device",
            "name": "EG Sensor",
            "quantity": 3,
            "unit_amount": 4900,
            "interval": None,
            "interval_count": 1,
            "trial_days": 0,
        },
        {
            "product": "monitoring-monthly",
            "kind": "subscription",
            "name": "EG Monitoring, monthly",
            "quantity": 1,
            "unit_amount": 1900,
            "interval": "month",
            "interval_count": 1,
            "trial_days": 0,
        },
    ],
    "account": "open",
    "introduced": True,
    "subscription": {"status": "active", "current_period_end": "2026-12-23T12:00:00Z", "cancel_at": None},
    "shipment": _PARCEL,
    "shipments": [_PARCEL],
    "documents": [{"kind": "invoice", "url": f"{_URL}/documents/invoice"}],
    "continue_url": None,
    "withdraw_until": "2026-12-09T23:59:59Z",
}
SALE_OPERATIONS = (
    Operation(
        method="get",
        path="/v1/sales/{sale_id}",
        name="getSale",
        tag="storefront",
        summary="How an order stands",
        description="What the page about an order shows; it holds nothing about a person. With `wait` and `since` the"
        " answer comes once it is of another version, at the latest after that many seconds; where too many wait already"
        " it comes at once.",
        parameters=("SaleId", "Wait", "Since"),
        answer=SaleState,
        example=SALE,
        problems=(problems.BAD_REQUEST, problems.NOT_FOUND, problems.UNAVAILABLE),
    ),
    Operation(
        method="get",
        path="/v1/sales/{sale_id}/documents/{kind}",
        name="getSaleDocument",
        tag="storefront",
        summary="Where a document is now",
        description="Leads to a document where the payment provider shows it now; this address stays, that one expires.",
        parameters=("SaleId", "DocumentKind"),
        leads_on=True,
        answer=Destination,
        example={"url": "https://invoice.stripe.com/i/acct_1/test_1"},
        problems=(problems.NOT_FOUND, *PROVIDER),
    ),
    Operation(
        method="get",
        path="/v1/sales/{sale_id}/continue",
        name="continueSale",
        tag="storefront",
        summary="Continue an order",
        description="Leads to the page where an order that is not paid can be, a new one where it expired or its payment"
        " failed; to its status page once there is nothing to pay.",
        parameters=("SaleId",),
        leads_on=True,
        answer=Destination,
        example={"url": "https://checkout.stripe.com/c/pay/cs_test_a1B2c3#fid"},
        problems=(problems.NOT_FOUND, problems.ALREADY_SUBSCRIBED, *PROVIDER),
    ),
    Operation(
        method="post",
        path="/v1/withdrawals",
        name="declareWithdrawal",
        tag="storefront",
        summary="Withdraw from an order",
        description="Takes a consumer's declaration, without a login; a receipt of it is mailed at once. The same words"
        " about the same order are one declaration. 404 where the shop offers none.",
        body=WithdrawalForm,
        body_example={
            "sale_id": SALE_ID,
            "name": "Orla Byrne",
            "email": "orla@harbour.example",
            "statement": "only the gateway",
        },
        status=202,
        answer=WithdrawalReceived,
        example={"declared_at": "2026-12-01T09:30:00Z"},
        problems=(*BODY, problems.NOT_FOUND),
    ),
)
