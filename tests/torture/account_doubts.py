"""Doubts about money as the sandbox has them: disputes, warnings, reviews and credit notes, and the cases they need."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from egpay_system import EgpaySystem

DOUBTS = ("dispute", "fraud_warning", "review")
_OVER = ("won", "lost", "warning_closed", "prevented")
_KEY = {"authorization": "Bearer sk_test_sandbox"}


class AccountDoubts:
    """What of the account's money is doubted, lost, or given back by credit notes, by charge and by invoice.

    `cases` are open; a warning about money that went back in full is none any more, one about a part is, so that of
    both there are `possible_cases`.
    """

    def __init__(self, truth: Mapping[str, Sequence[dict[str, Any]]], egpay: EgpaySystem) -> None:
        self._egpay = egpay
        self.lost: Counter[str] = Counter()
        self.credited: Counter[str] = Counter()
        self.cases: set[str] = set()
        for dispute in truth["disputes"]:
            if dispute["status"] == "lost":
                self.lost[dispute["charge"]] += dispute["amount"]
            if dispute["status"] not in _OVER:
                self.cases.add(f"dispute:{dispute['id']}")
        for note in self._listed("credit_notes"):
            if note["status"] == "issued":
                self.credited[note["invoice"]] += note["out_of_band_amount"] or 0
        self.cases |= {f"review:{one['id']}" for one in self._listed("reviews") if one["open"]}
        warnings = [one for one in self._listed("radar/early_fraud_warnings") if one["actionable"]]
        back = {one["id"] for one in truth["charges"] if one["amount_refunded"]} | set(self.lost)
        self.possible_cases = self.cases | {f"fraud_warning:{one['id']}" for one in warnings}
        self.cases |= {f"fraud_warning:{one['id']}" for one in warnings if one["charge"] not in back}

    def _listed(self, what: str) -> Iterator[dict[str, Any]]:
        """Lists everything of a kind, page by page."""
        query: dict[str, Any] = {"limit": 100}
        while True:
            answer = self._egpay.browser.get(f"{self._egpay.sandbox}/v1/{what}", params=query, headers=_KEY)
            page = answer.raise_for_status().json()
            yield from page["data"]
            if not page["has_more"]:
                return
            query["starting_after"] = page["data"][-1]["id"]
