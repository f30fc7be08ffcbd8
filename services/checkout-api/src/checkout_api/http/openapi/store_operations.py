"""OpenAPI operations of a store: what is sold, where to, and how an order is placed."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.common_problems import BODY
from checkout_api.http.openapi.examples import SALE_ID
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.routes.checkout import CheckoutOpened
from checkout_api.http.routes.start import ApiEntry
from checkout_api.usecases.address_fields import AddressForm, ListedCountry
from checkout_api.usecases.list_products import ListedProduct
from checkout_api.usecases.order_form import OrderForm

_AMERICAN = {
    "code": "US",
    "fields": [
        {
            "name": "line1",
            "kind": "street",
            "label": "Street and number",
            "required": True,
            "row": 0,
            "example": None,
        },
        {
            "name": "line2",
            "kind": "building",
            "label": "Building, floor, department",
            "required": False,
            "row": 1,
            "example": None,
        },
        {"name": "city", "kind": "city", "label": "City", "required": True, "row": 2, "example": None},
        {"name": "state", "kind": "state", "label": "State", "required": True, "row": 2, "example": None},
        {
            "name": "postal_code",
            "kind": "zip",
            "label": "ZIP code",
            "required": True,
            "row": 2,
            "example": "95014",
        },
    ],
    "states": [{"value": "CA", "label": "California (CA)"}, {"value": "NY", "label": "New York (NY)"}],
}
_SENSOR = {
    "id": "sensor",
    "kind": "device",
    "name": "EG Sensor",
    "description": "Measures temperature and humidity; runs two years on one battery.",
    "unit_amount": 4900,
    "currency": "eur",
    "interval": None,
    "interval_count": 1,
    "trial_days": 0,
    "image": "img/sensor.svg",
    "available": True,
}
_MONITORING = {
    **_SENSOR,
    "id": "monitoring-monthly",
    "kind": "subscription",
    "name": "EG Monitoring, monthly",
    "description": "Dashboards, alarms and a year of history, paid each month.",
    "unit_amount": 1900,
    "interval": "month",
    "image": "img/monitoring.svg",
}
ORDER = {
    "line_items": [{"product": "sensor", "quantity": 3}, {"product": "monitoring-monthly", "quantity": 1}],
    "organisation": "Harbour Cycling Club",
    "name": "Orla Byrne",
    "email": "orla@harbour.example",
    "locale": "en",
    "shipping_address": {
        "line1": "12 Harbour Street",
        "city": "Dublin",
        "postal_code": "D02 XE80",
        "country": "IE",
    },
}
STORE_OPERATIONS = (
    Operation(
        method="get",
        path="/",
        name="getEntry",
        tag="storefront",
        summary="What this API is",
        description="Where to go from here. A browser that takes HTML gets the store instead, where it is served here.",
        parameters=("IfNoneMatch",),
        answer=ApiEntry,
        unchanged=True,
        example={
            "name": "egpay checkout",
            "version": "0.1.0",
            "documentation": "https://api.shop.example/docs",
            "openapi": "https://api.shop.example/openapi.json",
            "products": "https://api.shop.example/v1/products",
            "countries": "https://api.shop.example/v1/countries",
        },
    ),
    Operation(
        method="get",
        path="/v1/products",
        name="listProducts",
        tag="storefront",
        summary="What is on sale",
        description=(
            "Every product on sale, and whether it can be bought now. Amounts are integer minor units of the currency,"
            " which has none, two or three digits."
        ),
        answer=list[ListedProduct],
        example=[_SENSOR, _MONITORING],
        problems=(problems.UNAVAILABLE,),
    ),
    Operation(
        method="get",
        path="/v1/countries",
        name="listCountries",
        tag="storefront",
        summary="Where devices are sent to",
        description="By code of ISO 3166-1. Name a country in the buyer's language by its code, in a browser by"
        " `Intl.DisplayNames`.",
        parameters=("IfNoneMatch",),
        answer=list[ListedCountry],
        unchanged=True,
        example=[{"code": "DE"}, {"code": "US"}],
    ),
    Operation(
        method="get",
        path="/v1/countries/{code}",
        name="getAddressForm",
        tag="storefront",
        summary="The form of an address",
        description="The fields of an address in one country, in the order in which it writes them, and its states.",
        parameters=("CountryCode", "IfNoneMatch"),
        answer=AddressForm,
        unchanged=True,
        example=_AMERICAN,
        problems=(problems.NOT_FOUND,),
    ),
    Operation(
        method="post",
        path="/v1/checkout/sessions",
        name="createCheckoutSession",
        tag="storefront",
        summary="Place an order",
        description="Takes an order and opens the page where it is paid. Send the buyer to `checkout_url` as it is, the"
        " part after `#` included. Under one `Idempotency-Key` the same order gets the same answer.",
        body=OrderForm,
        body_example=ORDER,
        parameters=("IdempotencyKey",),
        status=201,
        answer=CheckoutOpened,
        example={
            "sale_id": SALE_ID,
            "checkout_session_id": "cs_test_a1B2c3",
            "checkout_url": "https://checkout.stripe.com/c/pay/cs_test_a1B2c3#fid",
            "status_url": f"https://api.shop.example/v1/sales/{SALE_ID}",
        },
        problems=(
            *BODY,
            problems.ALREADY_SUBSCRIBED,
            problems.IN_PROGRESS,
            problems.MISMATCH,
            problems.PROVIDER_REFUSED,
            problems.PROVIDER_DOWN,
        ),
    ),
)
