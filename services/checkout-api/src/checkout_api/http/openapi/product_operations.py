"""OpenAPI operations for the product's own programs, which show an API key."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.examples import ORGANISATION_ID
from checkout_api.http.openapi.operation import Operation
from checkout_api.usecases.organisation_access import AccessState

PRODUCT_OPERATIONS = (
    Operation(
        method="get",
        path="/v1/organisations/{organisation_id}/access",
        name="getOrganisationAccess",
        tag="product",
        summary="What an organisation may use",
        description="Its access as it is now; with If-None-Match 304 while it is as the caller knows it.",
        parameters=("OrganisationId", "IfNoneMatch"),
        answer=AccessState,
        unchanged=True,
        security="ApiKey",
        example={
            "organisation_id": ORGANISATION_ID,
            "access": "grace",
            "until": "2026-12-14T10:00:00Z",
            "why": "past_due",
            "plan": "monitoring-monthly",
            "seats": 3,
            "subscriptions": ["sub_1SXkq2Lg8yZ"],
            "version": 4,
        },
        problems=(problems.UNAUTHORIZED, problems.NOT_FOUND, problems.UNAVAILABLE),
    ),
)
