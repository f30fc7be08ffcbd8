"""Scenario 10 on real servers: whoever dies around the moment of a 200, nothing is lost and nothing happens twice."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from egpay_system import until
from killable_system import KillableSystem
from webhook_sender import StripeBuyer, post_webhook

HELD_ROW = """
    INSERT INTO webhook_events (source, event_id, type, occurred_at, disposition, body, livemode)
    VALUES ('stripe', $1, 'held', now(), 'ignored', '', false)
"""
WAITING_FOR = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))"


def reports(killable: KillableSystem, buyer: StripeBuyer) -> dict[str, str | None]:
    """What the storefront sees: the sale's own word, and its shipment's."""
    sale = killable.egpay.sale(buyer.sale_id)
    return {"sale": sale["status"], "shipment": (sale["shipment"] or {}).get("status")}


async def rows_of(killable: KillableSystem, body: bytes) -> int:
    [row] = await killable.ask("SELECT count(*) FROM webhook_events WHERE body = $1", body)
    return int(row["count"])


async def ends_well(killable: KillableSystem, buyer: StripeBuyer, body: bytes) -> None:
    """Stripe comes again until it hears 200; then everything has happened once."""
    until(lambda: _answered(killable, body) == 200, what="the retry is not taken")
    assert await rows_of(killable, body) == 1
    until(lambda: reports(killable, buyer)["sale"] == "paid", what="the sale is not paid")
    until(lambda: reports(killable, buyer)["shipment"], what="nothing is shipped")
    [payment] = await killable.ask("SELECT * FROM payments WHERE sale_id = $1", buyer.sale_id)
    assert payment["amount"] == 12_900
    parcels = killable.egpay.browser.get(f"{killable.egpay.sandbox}/warehouse/api/orders").json()
    assert sum(parcel["sale_id"] == buyer.sale_id for parcel in parcels) <= 1


def _answered(killable: KillableSystem, body: bytes) -> int:
    with contextlib.suppress(httpx.TransportError):
        return post_webhook(killable.egpay, body).status_code
    return 0


@contextlib.asynccontextmanager
async def row_held(killable: KillableSystem, body: bytes) -> AsyncIterator[asyncpg.Connection]:
    """The statement that stores this webhook waits in its middle for the holder, which writes the same row and never
    commits; statements that store other webhooks do not wait."""
    holder = await killable.connect()
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute(HELD_ROW, json.loads(body)["id"])
    try:
        yield holder
    finally:
        await transaction.rollback()
        await holder.close()


async def killed_while_storing(killable: KillableSystem, body: bytes, holder: asyncpg.Connection) -> int:
    """Post, wait until the statement waits for the holder, and kill the API; returns the statement's backend."""
    posting = asyncio.create_task(asyncio.to_thread(_answered, killable, body))
    async with asyncio.timeout(10):
        while not (blocked := await killable.ask(WAITING_FOR, holder.get_server_pid())):
            await asyncio.sleep(0.01)
    killable.kill("checkout-api")
    assert await posting == 0, "an API that was killed has answered"
    pid: int = blocked[0]["pid"]
    return pid


async def test_killed_before_the_commit_nothing_is_stored_and_the_retry_is_taken(
    killable: KillableSystem,
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    body = buyer.completed()
    async with row_held(killable, body) as holder:
        pid = await killed_while_storing(killable, body, holder)
        await killable.ask("SELECT pg_terminate_backend($1, 5000)", pid)
    assert await rows_of(killable, body) == 0
    killable.revive("checkout-api")
    await ends_well(killable, buyer, body)


async def test_killed_after_the_commit_the_retry_is_recognised_and_the_event_flows(
    killable: KillableSystem,
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    body = buyer.completed()
    async with row_held(killable, body) as holder:
        await killed_while_storing(killable, body, holder)
    async with asyncio.timeout(10):
        while not await rows_of(killable, body):  # the server ends the statement, though nobody waits for it
            await asyncio.sleep(0.01)
    killable.revive("checkout-api")
    until(lambda: reports(killable, buyer)["sale"] == "paid", what="what was committed does not flow")
    await ends_well(killable, buyer, body)
    [row] = await killable.ask("SELECT deliveries FROM webhook_events WHERE body = $1", body)
    assert row["deliveries"] == 2


async def test_a_commit_that_fails_is_not_acknowledged_and_the_retry_is_taken(
    killable: KillableSystem,
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    body = buyer.completed()
    connection = await killable.connect()
    await connection.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON webhook_events
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )
    try:
        refused = post_webhook(killable.egpay, body)
    finally:
        await connection.execute("DROP TRIGGER at_commit ON webhook_events; DROP FUNCTION refuse()")
        await connection.close()
    assert (refused.status_code, bool(refused.headers["retry-after"])) == (503, True)
    assert await rows_of(killable, body) == 0
    await ends_well(killable, buyer, body)


async def test_without_the_broker_it_is_acknowledged_all_the_same_and_flows_when_the_broker_is_back(
    killable: KillableSystem,
) -> None:
    buyers = [StripeBuyer.of(killable.egpay) for _ in range(3)]
    bodies = [buyer.completed() for buyer in buyers]
    killable.broker.kill()
    try:
        answers = [post_webhook(killable.egpay, body).status_code for body in bodies]
        waiting = await killable.ask("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    finally:
        killable.broker.start()
    assert answers == [200] * 3
    assert waiting[0]["count"] >= 3
    for buyer, body in zip(buyers, bodies, strict=True):
        await ends_well(killable, buyer, body)


async def test_without_the_database_it_is_not_acknowledged_and_heals_when_the_database_is_back(
    killable: KillableSystem,
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    body = buyer.completed()
    killable.database.close()
    try:
        refused = await asyncio.to_thread(post_webhook, killable.egpay, body)
        alive = killable.egpay.browser.get(f"{killable.egpay.api}/livez")
    finally:
        killable.database.open()
    assert (refused.status_code, bool(refused.headers["retry-after"])) == (503, True)
    assert alive.status_code == 200
    assert await rows_of(killable, body) == 0
    await ends_well(killable, buyer, body)


@pytest.mark.parametrize("victim", ["checkout-api", "billing-worker"])
async def test_whoever_is_killed_amid_traffic_costs_nothing(killable: KillableSystem, victim: str) -> None:
    buyers = [StripeBuyer.of(killable.egpay) for _ in range(4)]
    bodies = [buyer.completed() for buyer in buyers]
    for body in bodies[:2]:
        assert post_webhook(killable.egpay, body).status_code == 200
    killable.kill(victim)
    killable.revive(victim)
    for buyer, body in zip(buyers, bodies, strict=True):
        await ends_well(killable, buyer, body)
