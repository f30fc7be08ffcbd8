"""Load of the torture test: buyers, their banks and their second thoughts, while egpay is killed."""

import asyncio
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from buyer_deeds import DEEDS, PaidOrder
from egpay_system import EgpaySystem, order

KEY = {"authorization": "Bearer sk_test_sandbox"}


@dataclass(slots=True)
class SimulatedBuyers:
    """Buyers who order until they are stopped.

    `orders` are the e-mails by sale; `bounced` are the sales whose debit came back; `done` counts the deeds.
    """

    egpay: EgpaySystem
    dice: random.Random
    orders: dict[str, str] = field(default_factory=dict)
    bounced: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def shop(self, buyers: int) -> None:
        """Runs so many buyers at a time, until closing."""
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(trust_env=False, timeout=20.0, limits=limits) as client:
            await asyncio.gather(*(self._buy_on(client) for _ in range(buyers)))

    async def _buy_on(self, client: httpx.AsyncClient) -> None:
        while not self.closing.is_set():
            await self._life_of_an_order(client)
            await self._pause(0.5)

    async def _life_of_an_order(self, client: httpx.AsyncClient) -> None:
        session, sale = await self._ordered(client)
        fate = self.dice.random()
        if fate < 0.08:
            await self._do(client, f"sessions/{session}/expire")
            return
        means = "sepa_debit" if fate < 0.25 else "card"
        paid = await self._do(client, f"sessions/{session}/pay", means=means, email="typed@checkout.example")
        if means == "sepa_debit":
            await self._pause(1.0)
            outcome = self.dice.choice(("succeeded", "succeeded", "failed"))
            await self._do(client, f"sessions/{session}/settle", outcome=outcome)
            if outcome == "failed":
                self.bounced.add(sale)
                return
        await self._pause(1.5)
        about = await self._paid_order(client, sale, paid)
        control = BuyerControl(self, client)
        for name in self.dice.sample(sorted(DEEDS), self.dice.choice((0, 1, 2, 3))):
            await DEEDS[name](control, self.dice, about)
            self.done[name] += 1
            await self._pause(1.0)

    async def _paid_order(self, client: httpx.AsyncClient, sale: str, paid: dict[str, Any]) -> PaidOrder:
        charge = await self._charge(client, paid)
        return PaidOrder(sale, charge, paid["subscription"], paid["invoice"])

    async def _charge(self, client: httpx.AsyncClient, paid: dict[str, Any]) -> str:
        """Returns the charge behind the session's first invoice."""
        listed = await self._ask(client, "invoice_payments", invoice=paid["invoice"])
        intent = listed["data"][0]["payment"]["payment_intent"]
        return str((await self._ask(client, f"payment_intents/{intent}"))["latest_charge"])

    async def _ordered(self, client: httpx.AsyncClient) -> tuple[str, str]:
        """Orders, and repeats the request under the same key until there is an answer."""
        email = f"buyer.{secrets.token_hex(5)}@storm.example"
        headers, body = {"idempotency-key": secrets.token_hex(16)}, order(email=email)
        while True:
            try:
                answer = await client.post(
                    f"{self.egpay.api}/v1/checkout/sessions", json=body, headers=headers
                )
            except httpx.HTTPError:
                await self._pause(0.5)
                continue
            if answer.status_code == 201:
                found = answer.json()
                self.orders[found["sale_id"]] = email
                return found["checkout_session_id"], found["sale_id"]
            assert answer.status_code in (409, 429, 500, 502, 503), answer.text
            await self._pause(0.5)

    async def _do(
        self, client: httpx.AsyncClient, what: str, *, may_fail: bool = False, **how: Any
    ) -> dict[str, Any]:
        answer = await client.post(f"{self.egpay.sandbox}/sandbox/{what}", json=how)
        assert may_fail or answer.is_success, f"{what}: {answer.text}"
        return dict(answer.json())

    async def _ask(self, client: httpx.AsyncClient, what: str, **query: str) -> dict[str, Any]:
        answer = await client.get(f"{self.egpay.sandbox}/v1/{what}", params=query, headers=KEY)
        return dict(answer.raise_for_status().json())

    async def _pause(self, longest: float) -> None:
        await asyncio.sleep(self.dice.uniform(0.05, longest))


@dataclass(frozen=True, slots=True)
class BuyerControl:
    """Port `SandboxControl` of one buyer."""

    buyers: SimulatedBuyers
    client: httpx.AsyncClient

    async def attempt(self, what: str, **how: Any) -> dict[str, Any]:
        """Does it, unless it is not possible any more."""
        return await self.buyers._do(self.client, what, may_fail=True, **how)

    async def wait(self, longest: float) -> None:
        """Waits for a moment."""
        await self.buyers._pause(longest)
