"""The description of the API works as given: its examples are sent to a running system, and answers have its shapes.

An id of an example is that of nothing, so a real one of the same kind stands in its place; all else is sent as it is.
"""

import asyncio
import base64
import hmac
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema_rs
import pytest
import pytest_asyncio
from egpay_system import API_KEY, DEADLINE, EgpaySystem, until
from test_purchase import press

from checkout_api.http.openapi.examples import ORGANISATION_ID, SALE_ID, TOKEN
from checkout_api.http.openapi.operations import OPERATIONS

PATHS = {operation.name: (operation.method, operation.path) for operation in OPERATIONS}
PLACE, ASK_FOR_LINK, OPEN_PORTAL = "createCheckoutSession", "requestBillingPortalLink", "openBillingPortal"


@dataclass(slots=True)
class Caller:
    """A program that knows of the API what its description says."""

    egpay: EgpaySystem
    api: dict[str, Any]
    answers: dict[str, httpx.Response] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    """By what is written in an example: what stands there in truth."""

    def describe(self, name: str) -> dict[str, Any]:
        method, path = PATHS[name]
        return dict(self.api["paths"][path][method])

    def call(self, name: str) -> httpx.Response:
        """Sends the example of a route, its parameters and its body; a second call gets the first one's answer."""
        if name not in self.answers:
            self.answers[name] = self._send(name)
        return self.answers[name]

    def _send(self, name: str) -> httpx.Response:
        described = self.describe(name)
        given = [self._find(each["$ref"]) for each in described["parameters"]]
        of = {
            place: {each["name"]: self._own(str(each["example"])) for each in given if each["in"] == place}
            for place in ("path", "query", "header")
        }
        method, path = PATHS[name]
        body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        content = self._own(json.dumps(body)).encode() if body is not None else b""
        headers = {**of["header"], "accept": "application/json", "content-type": "application/json"}
        signed = self._proofs(content)
        for scheme in (scheme for need in described["security"] for scheme in need):
            headers |= signed[scheme]
        url = f"{self.egpay.api}{path.format(**of['path'])}"
        return self.egpay.browser.request(method, url, params=of["query"], headers=headers, content=content)

    def _find(self, reference: str) -> dict[str, Any]:
        return dict(self.api["components"]["parameters"][reference.rpartition("/")[2]])

    def _own(self, text: str) -> str:
        for example, real in self.instead.items():
            text = text.replace(example, real)
        return text

    def _proofs(self, content: bytes) -> dict[str, dict[str, str]]:
        """What the callers that show something show."""
        now, env = str(int(time.time())), self.egpay.env
        stripe = hmac.digest(
            env["STRIPE_WEBHOOK_SECRETS"].encode(), now.encode() + b"." + content, "sha256"
        ).hex()
        secret = base64.b64decode(env["WAREHOUSE_SECRET"].removeprefix("whsec_"))
        proof = hmac.digest(secret, b"msg_example." + now.encode() + b"." + content, "sha256")
        return {
            "ApiKey": {"Authorization": f"Bearer {API_KEY}"},
            "StripeSignature": {"Stripe-Signature": f"t={now},v1={stripe}"},
            "StandardWebhooks": {
                "webhook-id": "msg_example",
                "webhook-timestamp": now,
                "webhook-signature": f"v1,{base64.b64encode(proof).decode()}",
            },
        }

    def faults(self, name: str, answer: httpx.Response) -> list[str]:
        """What of an answer is not as it is described."""
        response = self.describe(name)["responses"][str(answer.status_code)]
        if "content" not in response:
            return []
        kind = answer.headers["content-type"].partition(";")[0]
        shape = {**response["content"][kind]["schema"], "components": self.api["components"]}
        value = answer.json() if kind.endswith("json") else answer.text
        return [str(fault) for fault in jsonschema_rs.validator_for(shape).iter_errors(value)]


def letter(egpay: EgpaySystem, email: str, key: str, pattern: str) -> str:
    """Waits for a letter of this kind, and returns what its link holds."""
    [found, *_] = until(lambda: egpay.letters(email, key), what=f"no letter {key}")
    match = re.search(pattern, found["text"])
    assert match is not None
    return match[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(egpay: EgpaySystem) -> Caller:
    """Places the order of the example as given, lets its buyer pay, and learns the ids that came of it."""
    caller = Caller(egpay, egpay.browser.get(f"{egpay.api}/openapi.json").raise_for_status().json())
    placed = caller.call(PLACE)
    assert placed.status_code == 201, placed.text
    press(egpay, placed.json()["checkout_url"], "pay", email="accounts@harbour.example")
    caller.instead[SALE_ID] = sale = placed.json()["sale_id"]
    email = caller.describe(PLACE)["requestBody"]["content"]["application/json"]["example"]["email"]
    token = letter(egpay, email, "introduction", r"/invitation#token=([\w-]+)")
    until(
        lambda: egpay.sale(sale)["documents"] and egpay.sale(sale)["shipments"], what="no invoice, no parcel"
    )
    [row] = await egpay.ask("SELECT organisation_id FROM subscriptions WHERE sale_id = $1", sale)
    caller.instead[ORGANISATION_ID] = row["organisation_id"]
    caller.call(ASK_FOR_LINK)
    caller.instead[TOKEN] = letter(egpay, email, "portal", r"/billing-portal/sessions/([\w-]+)")
    caller.call(OPEN_PORTAL)
    caller.instead[TOKEN] = token
    return caller


@pytest.mark.parametrize("name", PATHS)
async def test_an_example_is_taken_as_it_is_given_and_the_answer_has_the_described_shape(
    name: str, caller: Caller
) -> None:
    answer = caller.call(name)
    successes = [status for status in caller.describe(name)["responses"] if status.startswith("2")]
    assert str(answer.status_code) in successes, answer.text
    assert caller.faults(name, answer) == []


async def test_an_answer_that_does_not_depend_on_the_buyer_is_that_of_the_example(caller: Caller) -> None:
    listed = {product["id"]: product for product in caller.call("listProducts").json()}
    examples = {operation.name: operation.example for operation in OPERATIONS}
    for product in examples["listProducts"]:
        assert listed[product["id"]] == product
    form, american = caller.call("getAddressForm").json(), examples["getAddressForm"]
    assert form["fields"] == american["fields"]
    assert [state for state in american["states"] if state not in form["states"]] == []
    assert all(country in caller.call("listCountries").json() for country in examples["listCountries"])
    for name in ("explainProblem", ASK_FOR_LINK, "renewInvitation"):
        answer = caller.call(name)
        assert (answer.json() if name != "explainProblem" else answer.text) == examples[name]


async def test_nothing_that_the_examples_led_to_is_given_up(caller: Caller) -> None:
    for name in ("receiveStripeEvent", "receiveWarehouseMessage", "declareWithdrawal"):
        caller.call(name)
    waiting = (
        "SELECT message_id FROM outbox WHERE subject LIKE 'billing.events.%' "
        "EXCEPT SELECT message_id FROM processed_messages"
    )
    end = time.monotonic() + DEADLINE
    while (left := await caller.egpay.ask(waiting)) and time.monotonic() < end:
        await asyncio.sleep(0.1)
    assert await caller.egpay.ask("SELECT message_id FROM dead_letters") == []
    assert left == []
