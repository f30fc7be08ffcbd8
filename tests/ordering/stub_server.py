"""HTTP stand-in of Stripe's API and a warehouse: answers the running system from the scenarios' truth."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from final_state import Parcel
from scenario import Truth

from egpay.domain.values import SaleId


@dataclass(slots=True)
class StubServer:
    """Answers from every truth it was given, and stores what the warehouse received."""

    url: str = ""
    objects: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    open_invoices: list[Mapping[str, Any]] = field(default_factory=list)
    settlements: dict[str, str] = field(default_factory=dict)
    parcels: dict[SaleId, Parcel] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    refused_refunds: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def know(self, truth: Truth) -> None:
        """Adds a truth to answer from."""
        self.open_invoices += truth.open_invoices
        self.refused_refunds.update(truth.refused_refunds)
        for key, subscription in truth.subscriptions.items():
            self.objects[f"/v1/subscriptions/{key}"] = subscription
        for key, customer in truth.customers.items():
            self.objects.setdefault(f"/v1/subscriptions/{key}", {"id": key, "customer": customer["id"]})
            self.objects[f"/v1/customers/{customer['id']}"] = customer
        for key, dispute in truth.disputes.items():
            self.objects[f"/v1/disputes/{key}"] = dispute
        for key, invoice in truth.invoices.items():
            self.objects[f"/v1/invoices/{key}"] = invoice
        for intent, invoice_id in truth.invoice_of.items():
            self.objects[f"/v1/payment_intents/{intent}"] = {"id": intent, "currency": "eur", "metadata": {}}
            self.settlements[intent] = invoice_id

    def answer(self, path: str, query: str) -> Mapping[str, Any] | None:
        """Returns the object behind a path of Stripe's API.

        Every renewal's invoice is still open, so that its reminder has a page to lead to, and is tried again.
        """
        if path == "/v1/invoice_payments":
            return {"object": "list", "data": self._invoice_payments(parse_qs(query))}
        if path == "/v1/refunds":
            return {"object": "list", "data": []}
        if path == "/v1/invoices":
            [wanted] = parse_qs(query)["subscription"]
            owed = [one for one in self.open_invoices if _subscription_of(one) == wanted]
            return {"object": "list", "data": owed}
        if path.startswith("/v1/invoices/") and path not in self.objects:
            return {
                "status": "open",
                "hosted_invoice_url": "https://pay.example/invoice",
                "amount_remaining": 1900,
                "currency": "eur",
                "next_payment_attempt": 4_000_000_000,
            }
        return self.objects.get(path)

    def _invoice_payments(self, wanted: Mapping[str, list[str]]) -> list[Mapping[str, Any]]:
        """Returns what an intent paid, or what paid an invoice."""
        if "invoice" in wanted:
            [paid] = wanted["invoice"]
            intents = [intent for intent, invoice in self.settlements.items() if invoice == paid]
            return [{"payment": {"payment_intent": intent}} for intent in intents]
        [intent] = wanted["payment[payment_intent]"]
        found = self.settlements.get(intent)
        return [{"invoice": found}] if found else []

    def act(self, path: str, form: Mapping[str, list[str]]) -> tuple[int, Mapping[str, Any]]:
        """Does what is asked for, in its answer alone; refuses a refund as the truth says."""
        if path != "/v1/refunds":
            return 200, {"id": path.rpartition("/")[2], "status": "expired"}
        [act] = form["metadata[egpay_act]"]
        if (code := self.refused_refunds.get(act)) is not None:
            return 400, {"error": {"type": "invalid_request_error", "code": code}}
        return 200, {"id": f"re_{act}"}

    def take(self, key: str, message: dict[str, Any]) -> None:
        """Stores a message of the warehouse once per key."""
        with self.lock:
            if key in self.keys:
                return
            self.keys.add(key)
            data = message["data"]
            parcel = self.parcels.setdefault(data["sale_id"], Parcel())
            match message["type"]:
                case "shipment.requested":
                    parcel.requests += 1
                    parcel.devices = sum(item["quantity"] for item in data["items"])
                case "shipment.changed":
                    parcel.devices = sum(item["quantity"] for item in data["items"])
                case "shipment.held" | "shipment.released":
                    parcel.hold(held=message["type"] == "shipment.held", revision=data["revision"])
                case "shipment.changed":
                    parcel.devices = sum(item["quantity"] for item in data["items"])
                case _:
                    parcel.cancelled = True


def _subscription_of(invoice: Mapping[str, Any]) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


@contextmanager
def serving() -> Iterator[StubServer]:
    """Runs the server for the length of the block."""
    stub = StubServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(stub: StubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            target = urlsplit(self.path)
            found = stub.answer(target.path, target.query)
            self._say(200 if found else 404, found or {"error": {"type": "invalid_request_error"}})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path.startswith("/v1/"):
                self._say(*stub.act(self.path, parse_qs(body.decode())))
                return
            stub.take(self.headers["webhook-id"], json.loads(body))
            self._say(200, {"received": True})

        def do_DELETE(self) -> None:
            self._say(200, {"status": "canceled"})

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
            """Logs nothing."""

        def _say(self, status: int, content: Mapping[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
