"""Drill desk: breaks what is around a running egpay, and finds and mends it as an operator does, by commands alone."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from egpay_system import EgpaySystem, until
from forked_cli import run_forked

FROM_WORDS_TO_CAUSE = 3
"""Commands that an operator needs at most from the customer's words to the cause."""
RECOVERY = 150.0
"""Seconds within which what was retried for a minute is done: its next try may be a minute away."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a buyer has in hand."""

    email: str
    sale_id: str
    session_id: str


@dataclass(slots=True)
class DrillDesk:
    """A running system, an operator's terminal, and the switches of its sandbox; `given` are the commands so far."""

    system: EgpaySystem
    outage: float
    given: list[str] = field(default_factory=list)

    def egpay(self, *arguments: str, expect: int | None = 0) -> Any:
        """Run a command as the operator; returns its JSON."""
        self.given.append(" ".join(arguments))
        result = run_forked([*arguments, "--json"], {"PATH": "/usr/bin:/bin", **self.system.env})
        assert expect in (None, result.code), (arguments, result)
        return result.json

    def found(self) -> None:
        """The cause is known; from here on commands mend."""
        assert len(self.given) <= FROM_WORDS_TO_CAUSE, self.given
        assert self.given[0].startswith("find "), self.given

    def retried(self, buyer: Purchase, command: str) -> dict[str, Any]:
        """What `find` says of a command that is not done, from the e-mail address alone, once it was tried twice."""

        def look() -> dict[str, Any] | None:
            self.given.clear()
            pending = self.egpay("find", buyer.email)["pending"]
            return next((one for one in pending if one["what"] == command and one["tries"] >= 2), None)

        found = until(look, what=f"{command} is not shown as retried")
        assert found is not None
        return found

    def wait_out(self, since: float) -> None:
        """Lets the outage last as long as it was asked to."""
        time.sleep(max(0.0, since + self.outage - time.monotonic()))

    def buy(self, *, email: str = "", plan: bool = True, pay: bool = True, **changes: Any) -> Purchase:
        """Orders three sensors, with a monthly plan unless said otherwise, and pays at Checkout."""
        email = email or f"drill.{secrets.token_hex(4)}@harbour.example"
        items = [{"product": "sensor", "quantity": 3}]
        items += [{"product": "monitoring-monthly", "quantity": 1}] if plan else []
        answer = self.system.order(email=email, **{"line_items": items, **changes})
        buyer = Purchase(email, answer["sale_id"], answer["checkout_session_id"])
        if pay:
            self.sandbox(f"sessions/{buyer.session_id}/pay")
        return buyer

    def sandbox(self, route: str, **body: Any) -> Any:
        """Posts to a control route of the sandbox."""
        answer = self.system.browser.post(f"{self.system.sandbox}/sandbox/{route}", json=body)
        return answer.raise_for_status().json()

    def set_chaos(self, channel: str, **settings: Any) -> None:
        """Disturbs the webhooks of a channel; without settings they are calm again."""
        route = f"{self.system.sandbox}/sandbox/chaos/{channel}"
        self.system.browser.put(route, json=settings).raise_for_status()

    def mend_all(self) -> None:
        """Mends whatever a drill broke."""
        self.sandbox("mailbox/refuse", code=451, times=0)
        self.sandbox("warehouse/refuse", status=503, times=0)
        self.sandbox("product/refuse", status=503, times=0)
        self.system.browser.delete(f"{self.system.sandbox}/sandbox/refusal").raise_for_status()
        for channel in ("stripe", "warehouse"):
            self.set_chaos(channel)

    def ends(self, buyer: Purchase, expected: dict[str, Any]) -> None:
        """Waits until the books are those that the drill wrote by hand."""
        end, books = time.monotonic() + RECOVERY, self.books(buyer)
        while books != expected:
            assert time.monotonic() < end, books
            time.sleep(0.5)
            books = self.books(buyer)

    def books(self, buyer: Purchase) -> dict[str, Any]:
        """How a purchase ended, in egpay's books and in the world's: to be compared with what a drill writes by hand."""
        told = self.egpay("sale", "show", buyer.sale_id)
        sale = told["sale"]
        return {
            "status": sale["status"],
            "subscription": sale["subscription_status"],
            "shipment": sale["shipment_status"],
            "pending": [one["what"] for one in told["pending"]],
            "cases": sorted(one["kind"] for one in told["cases"]),
            "parcels": self.parcels(buyer),
            "letters": self.letters(buyer),
            "paid back": self.paid_back(buyer),
        }

    def letters(self, buyer: Purchase) -> list[str]:
        """The kinds of letters in the buyer's mailbox, by the first word of their keys."""
        mailbox = self.system.browser.get(
            f"{self.system.sandbox}/mailbox/api/messages", params={"to": buyer.email}
        ).json()
        return sorted(letter["message_id"].strip("<").partition(".")[0] for letter in mailbox)

    def parcels(self, buyer: Purchase) -> list[tuple[int, str]]:
        """What the warehouse was asked for and how often: requests, and its state of each order of the sale."""
        orders = self.system.browser.get(f"{self.system.sandbox}/warehouse/api/orders").json()
        return [(one["requests"], one["status"]) for one in orders if one["sale_id"] == buyer.sale_id]

    def paid_back(self, buyer: Purchase) -> int:
        """What Stripe gave back of the purchase, in cents."""
        truth = self.system.browser.get(f"{self.system.sandbox}/sandbox/truth").json()
        [session] = [one for one in truth["sessions"] if one["id"] == buyer.session_id]
        intents = {session.get("payment_intent")}
        intents |= {
            intent
            for invoice in truth["invoices"]
            if invoice["id"] == session.get("invoice")
            for intent in invoice["payment_intents"]
        }
        return sum(
            one["amount"]
            for one in truth["refunds"]
            if one["payment_intent"] in intents and one["status"] == "succeeded"
        )

    def is_shipped(self, buyer: Purchase) -> bool:
        """Whether the parcel has left, as the storefront shows it."""
        return (self.system.sale(buyer.sale_id)["shipment"] or {}).get("status") == "shipped"
