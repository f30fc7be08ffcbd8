"""The buyer of `make demo`: it uses the outside of egpay only, and says at which door it was turned away."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from egpay_local import hosted_page, purchase_report
from egpay_local.demo_buyer import DemoBuyer, PurchaseFailed, new_buyer

PAGE = """
<form action="/cancel" method="get"><button>Back</button></form>
<form action="/c/pay/cs_1" method="post">
  <input type="hidden" name="token" value="t&amp;1"> <input type="email" name="email" required>
  <input name="card" value="4242 4242 4242 4242"> <input type="radio" name="how" value="card" checked>
  <input type="radio" name="how" value="sepa"> <input type="checkbox" name="terms">
  <select name="country"><option value="DE">Germany<option value="IE" selected>Ireland</select>
  <button name="outcome" value="decline">Decline</button> <button name="outcome" value="paid">Pay <b>€ 99</b></button>
</form>
"""
PRODUCTS = [{"id": "tracker", "kind": "device"}, {"id": "plan", "kind": "subscription"}]
SHIPPED = {
    "id": "sale_1",
    "status": "paid",
    "shipment": {"status": "shipped", "tracking_url": "https://track.example"},
}


class Site(ThreadingHTTPServer):
    """API, hosted page and mailbox of a sale that needs a moment."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.ordered: dict[str, Any] = {}
        self.paid: dict[str, list[str]] = {}
        self.asked = 0


class _Pages(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.server.asked += path.startswith("/v1/sales")
        sale = SHIPPED if self.server.paid and self.server.asked > 2 else {**SHIPPED, "status": "in_progress"}
        mail = (
            [
                {"to": ["x"], "subject": "Confirmed", "message_id": "<confirmation.1@x>"},
                {"to": ["x"], "subject": "Welcome", "message_id": "<introduction.1@x>"},
            ]
            if self.server.paid
            else []
        )
        pages: dict[str, Any] = {
            "/v1/products": PRODUCTS,
            "/v1/sales/sale_1": sale,
            "/mailbox/api/messages": mail,
        }
        self._answer(200, PAGE if path == "/c/pay/cs_1" else json.dumps(pages[path]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/v1/checkout/sessions":
            self.server.ordered = json.loads(body)
            urls = {"sale_id": "sale_1", "checkout_url": f"{self.server.url}/c/pay/cs_1"}
            self._answer(201, json.dumps(urls))
        else:
            self.server.paid = parse_qs(body, keep_blank_values=True)
            self._answer(303, "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Quiet."""

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def buyer(site: Site) -> Iterator[DemoBuyer]:
    with httpx.Client(trust_env=False) as browser:
        yield new_buyer(browser, site.url, site.url, patience=5)


def test_a_purchase_goes_from_the_order_to_parcel_and_email(site: Site, buyer: DemoBuyer) -> None:
    order = buyer.order()
    buyer.pay(order["checkout_url"])
    assert buyer.wait_for_parcel("sale_1") == SHIPPED
    assert buyer.wait_for_email()["subject"] == "Welcome"
    quantities = {line["product"]: line["quantity"] for line in site.ordered["line_items"]}
    assert quantities == {"tracker": 3, "plan": 1}


def test_the_form_is_sent_as_a_browser_would_send_it(site: Site, buyer: DemoBuyer) -> None:
    buyer.pay(buyer.order()["checkout_url"])
    email = site.paid.pop("email")
    assert email == [f"billing.{buyer.email}"]
    assert site.paid == {
        "token": ["t&1"],
        "card": ["4242 4242 4242 4242"],
        "how": ["card"],
        "country": ["IE"],
        "outcome": ["paid"],
    }


def test_no_two_runs_buy_for_the_same_person(site: Site) -> None:
    with httpx.Client() as browser:
        assert (
            new_buyer(browser, site.url, site.url, 1).email != new_buyer(browser, site.url, site.url, 1).email
        )


def test_a_parcel_that_never_leaves_is_named(site: Site) -> None:
    with (
        httpx.Client(trust_env=False) as browser,
        pytest.raises(PurchaseFailed, match="the shipment is not shipped"),
    ):
        new_buyer(browser, site.url, site.url, patience=0.3).wait_for_parcel("sale_1")


def test_an_api_that_is_not_there_is_named() -> None:
    with (
        httpx.Client(trust_env=False) as browser,
        pytest.raises(PurchaseFailed, match=r"127\.0\.0\.1:1/v1/products"),
    ):
        new_buyer(browser, "http://127.0.0.1:1", "http://127.0.0.1:1", 1).order()


def test_a_page_without_a_pay_button_has_none() -> None:
    assert [
        form.fields_for_button("pay")
        for form in hosted_page.parse_forms("<form><button>Back</button></form>")
    ] == [None]


def test_the_story_refuses_a_purchase_of_which_a_part_is_missing() -> None:
    sale = {"id": "sale_1", "status": "paid", "checkout_session_id": "cs_1", "user_id": "user_1"}
    step = {
        "at": "2026-11-23T03:00:00.123456Z",
        "kind": "webhook.invoice.paid",
        "what": "stripe",
        "cause": None,
    }
    with pytest.raises(
        PurchaseFailed, match="subscription, the organisation, the shipment, the introduction e-mail"
    ):
        purchase_report.render({"sale": sale, "timeline": [step]}, {}, SHIPPED)


def test_the_story_tells_each_step_with_its_cause() -> None:
    known = ("checkout_session_id", "subscription_id", "organisation_id", "user_id", "shipment_status")
    sale = {"id": "sale_1", "status": "paid", **{name: f"{name}_1" for name in known}}
    kinds = ("webhook.invoice.paid", "email.introduction")
    steps = [
        {"at": "2026-11-23T03:00:00.123456Z", "kind": kind, "what": "it", "cause": "evt_1"} for kind in kinds
    ]
    told = purchase_report.render({"sale": sale, "timeline": steps}, {"subject": "Welcome"}, SHIPPED)
    assert "  03:00:00.123  webhook.invoice.paid  it  (evt_1)" in told
    assert "Welcome" in told
    assert "https://track.example" in told
