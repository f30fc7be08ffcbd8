"""OpenAPI operations of the countries that devices are sent to."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.operation import Operation
from checkout_api.usecases.address_fields import AddressForm, ListedCountry

_AMERICAN = {
    "code": "US",
    "fields": [
        {"name": "line1", "kind": "street", "label": "Street and number", "required": True, "row": 0},
        {
            "name": "line2",
            "kind": "building",
            "label": "Building, floor, department",
            "required": False,
            "row": 1,
        },
        {"name": "city", "kind": "city", "label": "City", "required": True, "row": 2},
        {"name": "state", "kind": "state", "label": "State", "required": True, "row": 2},
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
COUNTRY_OPERATIONS = (
    Operation(
        method="get",
        path="/v1/countries",
        tag="storefront",
        summary="Where devices are sent to. Name a country in the buyer's language by its code.",
        parameters=("IfNoneMatch",),
        answer=list[ListedCountry],
        unchanged=True,
        example=[{"code": "DE"}, {"code": "US"}],
    ),
    Operation(
        method="get",
        path="/v1/countries/{code}",
        tag="storefront",
        summary="The form of an address in one country: fields in their order, what they are called, states.",
        parameters=("CountryCode", "IfNoneMatch"),
        answer=AddressForm,
        unchanged=True,
        example=_AMERICAN,
        problems=(problems.NOT_FOUND,),
    ),
)
