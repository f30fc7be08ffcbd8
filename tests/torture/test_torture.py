"""Everything at once: purchases, renewals and refunds in disorder, and `kill -9` at any moment."""

import asyncio

import pytest
from audit import audit
from chaos_run import CONVERGES, run_chaos
from chaos_targets import ChaosTargets, targets

MINUTES = 0.25
SEED = 20_261_123

TAMPERING = {
    "sale_": "UPDATE sales SET status = 'cancelled' WHERE id = (SELECT max(id) FROM sales)",
    "sub_": "UPDATE subscriptions SET quantity = 77 WHERE id = (SELECT max(id) FROM subscriptions)",
    "the parcel of": "UPDATE shipments SET status = 'failed' WHERE sale_id = (SELECT max(sale_id) FROM shipments)",
    "was refunded": "UPDATE payments SET amount_refunded = 1 WHERE id = sale_id",
    "0 accounts": "UPDATE users SET email = 'nobody', email_key = 'nobody' WHERE id = (SELECT max(id) FROM users)",
}


def test_nothing_is_lost_and_nothing_is_doubled(pytestconfig: pytest.Config, report: list[str]) -> None:
    minutes = pytestconfig.getoption("torture_minutes", default=None) or MINUTES
    seed = pytestconfig.getoption("torture_seed", default=None) or SEED
    with targets() as system:
        outcome = run_chaos(system, seconds=60 * minutes, seed=seed)
        report.append(f"{outcome} (seed {seed})")
        assert outcome.findings.all == [], "\n".join([*outcome.findings.all[:50], system.last_words()])
        assert outcome.converged_after < CONVERGES, outcome.last_missing[:20]
        asyncio.run(the_auditor_is_awake(system, outcome.orders))


async def the_auditor_is_awake(system: ChaosTargets, orders: dict[str, str]) -> None:
    """Whoever finds nothing has to show that they would."""
    for finding, statement in TAMPERING.items():
        await system.egpay.ask(statement)
        found = await audit(system.egpay, orders, frozenset())
        assert any(finding in sentence for sentence in found.lost), finding
