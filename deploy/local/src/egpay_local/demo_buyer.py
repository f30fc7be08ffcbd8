"""Demo buyer: orders from the catalogue, pays on the hosted page, waits for parcel and e-mail."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from egpay_local import hosted_page

Json = dict[str, Any]

_ADDRESS = {
    "line1": "12 Harbour Street",
    "city": "Dublin",
    "postal_code": "D02 XE80",
    "country": "IE",
}


_CART = {"device": 3, "subscription": 1}


class PurchaseFailed(Exception):
    """The purchase failed half way; the message says where."""


@dataclass(frozen=True, slots=True)
class DemoBuyer:
    """A new person at every purchase, so that none is `already-subscribed`."""

    browser: httpx.Client
    api: str
    sandbox: str
    email: str
    deadline: float

    def order(self) -> Json:
        """Orders three devices and a subscription in one cart."""
        products = self._json("GET", f"{self.api}/v1/products")
        cart = {kind: next((p["id"] for p in products if p["kind"] == kind), None) for kind in _CART}
        if None in cart.values():
            raise PurchaseFailed(
                f"the catalogue holds no {' and no '.join(k for k, v in cart.items() if v is None)}"
            )
        body = {
            "line_items": [{"product": cart[kind], "quantity": quantity} for kind, quantity in _CART.items()],
            "organisation": "Harbour Cycling Club",
            "name": "Orla Byrne",
            "email": self.email,
            "shipping_address": _ADDRESS,
        }
        return dict(self._json("POST", f"{self.api}/v1/checkout/sessions", json=body))

    def pay(self, checkout_url: str) -> None:
        """Presses "Pay" on the hosted page after filling in whatever fields the page requires."""
        page = self._ask("GET", checkout_url)
        for form in hosted_page.parse_forms(page.text):
            filled = form.fields_for_button("pay")
            if form.method == "post" and filled is not None:
                self._ask("POST", str(page.url.join(form.action)), data=self._typed(filled))
                return
        raise PurchaseFailed(f"no form with a Pay button on {checkout_url}")

    def wait_for_parcel(self, sale_id: str) -> Json:
        """Waits until the devices are on their way, and returns the sale as the storefront sees it."""
        return self._wait(lambda: self._shipped(sale_id), "the shipment is not shipped")

    def wait_for_email(self) -> Json:
        """Waits for the introduction, which is one of several letters."""
        return self._wait(self._introduction, f"no introduction to {self.email} in the mailbox")

    def _shipped(self, sale_id: str) -> tuple[bool, Json]:
        sale = self._json("GET", f"{self.api}/v1/sales/{sale_id}")
        shipment = sale.get("shipment") or {}
        return sale["status"] == "paid" and shipment.get("status") in {"shipped", "delivered"}, sale

    def _introduction(self) -> tuple[bool, Json]:
        answer = self._json("GET", f"{self.sandbox}/mailbox/api/messages", params={"to": self.email})
        messages = answer["messages"] if isinstance(answer, dict) else answer
        found = [one for one in messages if "introduction" in one.get("message_id", "")]
        return bool(found), found[0] if found else {}

    def _wait(self, look: Callable[[], tuple[bool, Json]], complaint: str) -> Json:
        while True:
            there, seen = look()
            if there:
                return seen
            if time.monotonic() > self.deadline:
                raise PurchaseFailed(f"{complaint} in time; last seen: {seen}")
            time.sleep(0.1)

    def _typed(self, fields: dict[str, str]) -> dict[str, str]:
        return {
            name: value or (f"billing.{self.email}" if "email" in name else value)
            for name, value in fields.items()
        }

    def _json(self, method: str, url: str, **more: Any) -> Any:
        return self._ask(method, url, **more).json()

    def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = self.browser.request(method, url, **more)
        except httpx.HTTPError as error:
            raise PurchaseFailed(f"{method} {url}: {error}") from error
        if answer.is_error:
            raise PurchaseFailed(f"{method} {url} answered {answer.status_code}: {answer.text[:500]}")
        return answer


def new_buyer(browser: httpx.Client, api: str, sandbox: str, patience: float) -> DemoBuyer:
    """Creates a buyer with an address that no earlier run has used."""
    email = f"orla.byrne+{secrets.token_hex(4)}@harbour.example"
    return DemoBuyer(browser, api.rstrip("/"), sandbox.rstrip("/"), email, time.monotonic() + patience)
