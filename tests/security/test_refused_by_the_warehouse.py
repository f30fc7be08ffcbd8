"""A warehouse that refuses us, on a running system: one alarm, no dead letter, and the parcel in the end."""

import asyncio

from egpay_system import EgpaySystem, until
from webhook_sender import StripeBuyer, post_webhook

COUNTED = 'egpay_provider_refusals_total{provider="warehouse",status="401"}'


async def dead_letters(egpay: EgpaySystem) -> int:
    [row] = await egpay.ask("SELECT count(*) AS dead FROM dead_letters")
    return int(row["dead"])


def counted(egpay: EgpaySystem) -> bool:
    return COUNTED in egpay.browser.get(f"{egpay.worker}/metrics").text


def shipped(egpay: EgpaySystem) -> set[str]:
    parcels = egpay.browser.get(f"{egpay.sandbox}/warehouse/api/orders").json()
    return {parcel["sale_id"] for parcel in parcels}


async def test_a_refusal_of_us_is_counted_ends_with_a_success_and_costs_no_order(
    dirty_system: EgpaySystem,
) -> None:
    before = await dead_letters(dirty_system)
    refusals = {"status": 401, "times": 3}
    dirty_system.browser.post(
        f"{dirty_system.sandbox}/sandbox/warehouse/refuse", json=refusals
    ).raise_for_status()
    buyer = StripeBuyer.of(dirty_system)
    for body in (buyer.completed(), buyer.subscribed()):
        assert post_webhook(dirty_system, body).status_code == 200
    until(lambda: counted(dirty_system), what="the refusal is not counted")
    until(lambda: buyer.sale_id in shipped(dirty_system), what="the order never reaches the warehouse")
    assert await dead_letters(dirty_system) == before
    async with asyncio.timeout(10):
        while await refused(dirty_system):
            await asyncio.sleep(0.05)


async def refused(egpay: EgpaySystem) -> bool:
    """Whether the alarm goes on; that it was raised at all shows in the row."""
    [row] = await egpay.ask("SELECT refused_since FROM providers WHERE name = 'warehouse'")
    return row["refused_since"] is not None
