"""Renewal day: every subscription renews at once, and its webhooks come twice and out of order."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from egpay.testing import stripe_objects
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

CUSTOMERS = """
    INSERT INTO organisations (id, name) SELECT 'org_' || i, 'Club ' || i FROM generate_series(1, {n}) AS i;
    INSERT INTO users (id, organisation_id, email, email_key, name, role, status)
        SELECT 'usr_' || i, 'org_' || i, i || '@club.example', i || '@club.example', 'N', 'admin', 'invited'
        FROM generate_series(1, {n}) AS i;
    INSERT INTO memberships (user_id, organisation_id, role)
        SELECT 'usr_' || i, 'org_' || i, 'admin' FROM generate_series(1, {n}) AS i;
    INSERT INTO sales (id, status, organisation, name, email, email_key, device_quantity, plan, total, currency,
                       checkout_session_id, session_progress, subscription_id, paid_at)
        SELECT 'sale_' || i, 'paid', 'Club', 'N', i || '@club.example', i || '@club.example', 3, 'plan', 12900,
               'eur', 'cs_' || i, 2, 'sub_' || i, now() - interval '30 days'
        FROM generate_series(1, {n}) AS i;
    INSERT INTO subscriptions (id, status, reported_at, quantity, sale_id, organisation_id, welcomed)
        SELECT 'sub_' || i, 'active', now() - interval '30 days', 3, 'sale_' || i, 'org_' || i, true
        FROM generate_series(1, {n}) AS i;
"""
"""Buyers of a month ago, all of them provisioned."""


@dataclass(slots=True)
class RenewalWorkload:
    """`pairs` renewals: for each an invoice that is paid and a subscription that is extended.

    Of the subscriptions, 3 % are changed twice within one second and 5 % report an older state later than a
    newer one.
    """

    pairs: int
    seed: int = 18
    at: int = field(default_factory=lambda: int(time.time()))
    truth: dict[str, Any] = field(default_factory=dict)
    ties: set[str] = field(default_factory=set)
    events: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - the same disorder every time
        for number in range(1, self.pairs + 1):
            self._renew(number, tie=number % 33 == 0, old_news=chance.random() < 0.05)

    def deliveries(self) -> list[bytes]:
        """Lists every event, every tenth twice, with its later copies among the earlier events."""
        chance = random.Random(self.seed)  # noqa: S311 - the same disorder every time
        order = [(place + chance.random() * 3, body) for place, body in enumerate(self.events.values())]
        again = [(place + chance.random() * 300, body) for place, body in order if chance.random() < 0.1]
        return [body for _, body in sorted(order + again, key=lambda pair: pair[0])]

    def _renew(self, number: int, *, tie: bool, old_news: bool) -> None:
        name = f"sub_{number}"
        self._invoice(number)
        final = self._subscription(number, quantity=3)
        if tie:
            self.ties.add(name)
            other = self._subscription(number, quantity=5)
            self._tell(f"evt_su_{number}_other", "customer.subscription.updated", other, self.at)
            final = (final, other)[number % 2]
            self._tell(
                f"evt_su_{number}", "customer.subscription.updated", self._subscription(number), self.at
            )
        else:
            self._tell(f"evt_su_{number}", "customer.subscription.updated", final, self.at)
        if old_news and not tie:
            late = self._subscription(number, status="past_due")
            self._tell(f"evt_su_{number}_old", "customer.subscription.updated", late, self.at - 60)
        self.truth[name] = final

    def _invoice(self, number: int) -> None:
        details = {"subscription": f"sub_{number}", "metadata": {"sale_id": f"sale_{number}"}}
        paid = stripe_objects.invoice(
            Generation.ENDIVE,
            id=f"in_{number}",
            billing_reason="subscription_cycle",
            customer=f"cus_{number}",
            parent={
                "type": "subscription_details",
                "quote_details": None,
                "subscription_details": details,
            },
        )
        self._tell(f"evt_ip_{number}", "invoice.paid", paid, self.at)

    def _subscription(self, number: int, quantity: int = 3, **fields: Any) -> dict[str, Any]:
        return stripe_objects.subscription(
            Generation.ENDIVE,
            sale_id=f"sale_{number}",
            quantity=quantity,
            id=f"sub_{number}",
            customer=f"cus_{number}",
            **fields,
        )

    def _tell(self, event_id: str, kind: str, content: dict[str, Any], created: int) -> None:
        self.events[event_id] = event(kind, content, event_id=event_id, created=created)
