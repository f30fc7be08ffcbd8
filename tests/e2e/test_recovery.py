"""What no webhook brought reaches the customer all the same, and the operator sees it, on real processes."""

import asyncio
import json
import subprocess
from typing import Any

from egpay_system import DEADLINE, PROGRAMS, EgpaySystem, until


def run(egpay: EgpaySystem, *arguments: str, expect: int = 0) -> Any:
    """The operator's program, beside the running system."""
    done = subprocess.run(
        [PROGRAMS / "egpay", *arguments, "--json"], env=egpay.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout)


async def rows(egpay: EgpaySystem, query: str) -> list[Any]:
    """Ask until there is an answer."""
    async with asyncio.timeout(DEADLINE):
        while not (found := await egpay.ask(query)):
            await asyncio.sleep(0.05)
    return list(found)


async def test_a_purchase_that_no_webhook_told_is_completed_by_reconciling(egpay: EgpaySystem) -> None:
    chaos = f"{egpay.sandbox}/sandbox/chaos/stripe"
    egpay.browser.put(chaos, json={"lose": 1.0}).raise_for_status()
    try:
        answer = egpay.order()
        pay = f"{egpay.sandbox}/sandbox/sessions/{answer['checkout_session_id']}/pay"
        egpay.browser.post(pay, json={}).raise_for_status()
        assert egpay.sale(answer["sale_id"])["status"] == "in_progress"
        told = run(egpay, "reconcile", "--reason", "webhooks are lost")
    finally:
        egpay.browser.put(chaos, json={}).raise_for_status()
    assert told["found"]["missed"] >= 3

    def shipped() -> bool:
        return (egpay.sale(answer["sale_id"])["shipment"] or {}).get("status") == "shipped"

    until(shipped, what="the devices are not shipped")
    assert egpay.sale(answer["sale_id"])["subscription"]["status"] == "active"
    kinds = {step["kind"] for step in run(egpay, "sale", "show", answer["sale_id"])["timeline"]}
    assert {"reconcile.missed", "command.ship_devices", "warehouse.told"} <= kinds
    silent = run(egpay, "doctor", expect=1)
    wrong = {check["what"] for check in silent["checks"] if check["state"] == "wrong"}
    assert wrong == {"silence"}, silent["checks"]


async def test_the_worker_reconciles_and_listens_for_lost_messages_by_itself(egpay: EgpaySystem) -> None:
    await rows(egpay, "SELECT 1 FROM reconcile_cursors WHERE sweep = 'snapshot' AND succeeded_at IS NOT NULL")
    numbers = egpay.browser.get(f"{egpay.worker}/metrics").text
    assert "egpay_silent_events" in numbers
    log = (egpay.supervisor.logs / "billing-worker.log").read_text()
    assert "task failed" not in log, log
