"""Every route takes what its own description allows, and everything it does not: it answers as described, never with
a traceback, and its process does not grow."""

from typing import Any

import httpx
import pytest
import schemathesis
from egpay_system import EgpaySystem
from hypothesis import HealthCheck, given, settings
from process_size import growth
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

ROUTES = (
    ("get", "/"),
    ("get", "/v1/products"),
    ("get", "/v1/countries"),
    ("get", "/v1/countries/{code}"),
    ("post", "/v1/checkout/sessions"),
    ("get", "/v1/sales/{sale_id}"),
    ("get", "/v1/sales/{sale_id}/documents/{kind}"),
    ("get", "/v1/sales/{sale_id}/continue"),
    ("post", "/v1/billing-portal/sessions"),
    ("get", "/v1/billing-portal/sessions/{token}"),
    ("get", "/v1/organisations/{organisation_id}/access"),
    ("post", "/v1/invitations/redeem"),
    ("post", "/v1/invitations/renew"),
    ("post", "/v1/withdrawals"),
    ("post", "/webhooks/stripe"),
    ("post", "/webhooks/warehouse"),
    ("get", "/livez"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/problems/{word}"),
)
MEGABYTES = 10
"""How much larger a route may leave its process: buffers and caches find their size."""

fuzzing = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def description(dirty_system: EgpaySystem) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{dirty_system.api}/openapi.json")


def test_the_description_names_the_routes_that_are_fuzzed(description: BaseSchema) -> None:
    found = {
        (one.ok().method, one.ok().path) for one in description.get_all_operations() if isinstance(one, Ok)
    }
    assert found == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_answers_what_is_allowed_as_its_description_says(
    dirty_system: EgpaySystem, description: BaseSchema, route: tuple[str, str]
) -> None:
    with growth(dirty_system, at_most=MEGABYTES * 1_000_000):
        _fuzz(description, route, GenerationMode.POSITIVE)


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] == "post"], ids=" ".join)
def test_a_route_refuses_what_is_not_allowed_as_its_description_says(
    dirty_system: EgpaySystem, description: BaseSchema, route: tuple[str, str]
) -> None:
    with growth(dirty_system, at_most=MEGABYTES * 1_000_000):
        _fuzz(description, route, GenerationMode.NEGATIVE)


def _fuzz(description: BaseSchema, route: tuple[str, str], mode: GenerationMode) -> None:
    """A description cannot say which products are on sale or which signature fits, so what it allows may still be
    refused; all else that it says must hold."""
    method, path = route

    @fuzzing
    @given(case=description[path][method].as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        response = case.call(timeout=10)
        assert response.status_code < 500, response.text
        assert "Traceback" not in response.text
        unfit = [positive_data_acceptance]
        if (
            response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        ):  # a refusal that this check does not count
            unfit.append(negative_data_rejection)
        case.validate_response(response, excluded_checks=unfit)

    answers()
