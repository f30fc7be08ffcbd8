"""Audit: compares egpay's books with the world's own and lists what was lost, doubled or differs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from account_doubts import DOUBTS, AccountDoubts
from egpay_system import EgpaySystem

from egpay.adapters.nats.provision import lag

LET_IN = {"active", "trialing", "past_due", "unpaid", "paused"}


@dataclass(slots=True)
class Findings:
    """Sentences, each about one thing; empty when all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    on_the_way: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Lists everything found."""
        return [*self.on_the_way, *self.doubled, *self.lost]


async def audit(egpay: EgpaySystem, orders: Mapping[str, str], bounced: Set[str]) -> Findings:
    """Compares the present state.

    `orders` are the e-mails by sale, `bounced` the sales whose debit came back.
    """
    findings = Findings()
    world = AuditedState(egpay, orders, bounced)
    await world.read_books()
    findings.on_the_way += await _on_the_way(egpay)
    for session in world.truth["sessions"]:
        world.look_at_sale(session, findings)
    for subscription in world.truth["subscriptions"]:
        world.look_at_subscription(subscription, findings)
    world.look_at_people(findings)
    world.look_at_cases(findings)
    return findings


async def _on_the_way(egpay: EgpaySystem) -> list[str]:
    waiting = await egpay.ask("SELECT count(*) AS number FROM outbox WHERE published_at IS NULL")
    lags = await lag(egpay.nats_url)
    pending = egpay.browser.get(
        f"{egpay.sandbox}/sandbox/deliveries", params={"state": "pending", "limit": 100_000}
    )
    dead = await egpay.ask("SELECT message_id, reason FROM dead_letters WHERE resolved_at IS NULL")
    found = {"in the outbox": waiting[0]["number"], **lags, "webhooks to be told": len(pending.json())}
    return [
        *(f"{count} {what}" for what, count in found.items() if count),
        *(f"set aside: {row['message_id']}: {row['reason']}" for row in dead),
    ]


class AuditedState:
    """Both sides, read once."""

    def __init__(self, egpay: EgpaySystem, orders: Mapping[str, str], bounced: Set[str]) -> None:
        def get(path: str) -> Any:
            return egpay.browser.get(f"{egpay.sandbox}{path}").raise_for_status().json()

        self._egpay, self._orders, self._bounced = egpay, orders, bounced
        self.truth = get("/sandbox/truth")
        self._parcels = {parcel["sale_id"]: parcel for parcel in get("/warehouse/api/orders")}
        self._letters = get("/mailbox/api/messages")
        self._charges = {charge["payment_intent"]: charge for charge in self.truth["charges"]}
        self._invoices = {invoice["id"]: invoice for invoice in self.truth["invoices"]}
        self._doubts = AccountDoubts(self.truth, egpay)
        self._books: dict[str, dict[str, Any]] = {}

    async def read_books(self) -> None:
        """Loads the compared tables, by their keys."""
        keys = {"sales": "id", "subscriptions": "id", "shipments": "sale_id", "payments": "id", "cases": "id"}
        for table, key in keys.items():
            rows = await self._egpay.ask(f"SELECT * FROM {table}")  # noqa: S608 - names of ours
            self._books[table] = {row[key]: row for row in rows}
        self._users = Counter(row["email"] for row in await self._egpay.ask("SELECT email FROM users"))

    def look_at_sale(self, session: dict[str, Any], findings: Findings) -> None:
        """Checks one paid session: one sale, one payment, one parcel."""
        sale_id = session["client_reference_id"]
        sale, payment = self._books["sales"].get(sale_id), self._books["payments"].get(sale_id)
        wanted = self._wanted_status(session)
        if sale is None or sale["status"] != wanted:
            findings.lost.append(f"{sale_id} is {sale and sale['status']}, not {wanted}")
        charge = self._charge(session)
        if charge and session["payment_status"] == "paid":
            refunded, back = (
                payment["amount_refunded"] if payment else None,
                self._given_back(session, charge),
            )
            if refunded != back:
                findings.lost.append(f"{sale_id} was refunded {back}, not {refunded}")
            self._look_at_parcel(sale_id, charge, findings)

    def look_at_subscription(self, subscription: dict[str, Any], findings: Findings) -> None:
        """Checks that a subscription is mirrored in its current state."""
        known = self._books["subscriptions"].get(subscription["id"])
        told = known and (known["status"], known["quantity"])
        if told != (subscription["status"], subscription["quantity"]):
            findings.lost.append(f"{subscription['id']} is {subscription['status']}, not {told}")

    def look_at_people(self, findings: Findings) -> None:
        """Checks one account and one introduction per owner of a live subscription; no buyer has two."""
        introductions: dict[str, set[str]] = defaultdict(set)
        for letter in self._letters:
            if ".org_" in letter["message_id"] or "introduction" in letter["message_id"]:
                introductions[letter["to"][0]].add(letter["message_id"])
        holds = {
            self._orders.get(subscription["metadata"].get("sale_id", ""), "")
            for subscription in self.truth["subscriptions"]
            if subscription["status"] in LET_IN
        }
        for email in self._orders.values():
            found = (self._users[email], len(introductions[email]))
            if max(found) > 1:
                findings.doubled.append(f"{email} has {found[0]} accounts and {found[1]} introductions")
            elif (email in holds and found != (1, 1)) or found[0] != found[1]:
                findings.lost.append(f"{email} has {found[0]} accounts and {found[1]} introductions")

    def look_at_cases(self, findings: Findings) -> None:
        """Checks that a case is open for each dispute, warning and review that is, and for no other one."""
        known = self._books["cases"]
        for name, row in known.items():
            kind = name.partition(":")[0]
            if kind in DOUBTS and row["closed_at"] is None and name not in self._doubts.possible_cases:
                findings.lost.append(f"case {name} is open, and its reason has ended")
        for name in self._doubts.cases:
            if name not in known or known[name]["closed_at"]:
                findings.lost.append(f"case {name} is not open")

    def _look_at_parcel(self, sale_id: str, charge: dict[str, Any], findings: Findings) -> None:
        parcel, known = self._parcels.get(sale_id), self._books["shipments"].get(sale_id)
        status, requests = (parcel["status"], parcel["requests"]) if parcel else (None, 0)
        if requests > 1:
            findings.doubled.append(f"{sale_id} was ordered {requests} times at the warehouse")
        kept = requests == 0 and known is not None and known["status"] in ("cancelled", "held")
        if known is None or not (kept or known["status"] == status):
            findings.lost.append(f"the parcel of {sale_id} is {status}, not {known and known['status']}")
        gone = {"shipped", "delivered", "returned"}
        if kept and known and known["status"] == "held" and not self._has_case(sale_id):
            findings.lost.append(f"the parcel of {sale_id} is held, and no person is asked")
        if self._is_ours(charge) and status not in gone and not self._has_case(sale_id):
            findings.lost.append(f"the parcel of {sale_id} is paid for and {status}")

    def _wanted_status(self, session: dict[str, Any]) -> str:
        if session["status"] != "complete":
            return "expired" if session["status"] == "expired" else "in_progress"
        if session["payment_status"] == "unpaid":
            bounced = session["client_reference_id"] in self._bounced
            return "payment_failed" if bounced else "awaiting_payment"
        charge = self._charge(session)
        return "refunded" if charge and self._is_given_back(session, charge) else "paid"

    def _charge(self, session: dict[str, Any]) -> dict[str, Any] | None:
        invoice = self._invoices.get(session["invoice"] or "")
        intents = invoice["payment_intents"] if invoice else [session["payment_intent"]]
        return next((self._charges[intent] for intent in intents if intent in self._charges), None)

    def _given_back(self, session: dict[str, Any], charge: dict[str, Any]) -> int:
        credited = self._doubts.credited.get(session["invoice"] or "", 0)
        return int(min(charge["amount"], charge["amount_refunded"] + credited))

    def _is_given_back(self, session: dict[str, Any], charge: dict[str, Any]) -> bool:
        lost = self._doubts.lost.get(charge["id"], 0)
        return self._given_back(session, charge) + lost >= int(charge["amount"])

    def _is_ours(self, charge: dict[str, Any]) -> bool:
        """Whether nothing was ever asked back, so that the devices leave."""
        return not charge["amount_refunded"] and charge["id"] not in self._doubts.lost

    def _has_case(self, sale_id: str) -> bool:
        cases = self._books["cases"].values()
        return any(row["sale_id"] == sale_id and row["closed_at"] is None for row in cases)
