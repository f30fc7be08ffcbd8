"""What a shop's team reads agrees with the API: routes, refusals, statuses, and the order of the README."""

import json
import re
from pathlib import Path

from checkout_api.http.openapi.operations import OPERATIONS
from checkout_api.http.problem_types import KINDS
from egpay.domain.sale import SaleStatus

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/storefront.md").read_text()
STORE = (ROOT / "storefront/README.md").read_text()
README = (ROOT / "README.md").read_text()


def test_every_route_of_the_store_is_told_and_no_other() -> None:
    described = {f"{one.method.upper()} {one.path}" for one in OPERATIONS}
    told = {route.partition("?")[0] for route in re.findall(r"`((?:GET|POST) /[^`]*)`", PAGE)}
    assert told - described == set()
    of_the_store = {f"{one.method.upper()} {one.path}" for one in OPERATIONS if one.tag == "storefront"}
    assert of_the_store - told == {"GET /", "GET /v1/billing-portal/sessions/{token}"}
    for page in (STORE, README):
        routes = {route.partition("?")[0] for route in re.findall(r"`((?:GET|POST) /v1/[^`<]*)`", page)}
        shapes = {re.sub(r"\{\w+\}", "{}", route) for route in described}
        assert {re.sub(r"\{\w+\}", "{}", route) for route in routes} - shapes == set()


def test_every_refusal_is_one_of_the_api() -> None:
    told = set(re.findall(r"`(\d{3}) ([a-z-]+)`", PAGE))
    assert len(told) >= 6
    assert {(status, word) for status, word in told if word not in KINDS} == set()
    kinds = {(str(kind.status), kind.word) for one in OPERATIONS for kind in one.problems}
    assert told - kinds == set()


def test_every_status_of_an_order_is_told() -> None:
    statuses = PAGE[PAGE.index("`status` is one of") :].partition(";")[0]
    assert set(re.findall(r"`([a-z_]+)`", statuses)) - {"status"} == {str(status) for status in SaleStatus}


def test_the_order_of_the_readme_is_the_example_of_the_description_wherever_the_api_listens() -> None:
    [order] = re.findall(
        r"""curl -s "\$API_URL/v1/checkout/sessions" [^{]*-d '(\{.*?\})'\n""", README, re.DOTALL
    )
    [example] = (one.body_example for one in OPERATIONS if one.name == "createCheckoutSession")
    assert json.loads(order) == {name: value for name, value in example.items() if name != "locale"}
    assert not re.search(r"curl[^\n]*127\.0\.0\.1", README)
