"""Scenario 11 on real servers: a worker that dies, a mail server that dawdles, a message that comes again after all."""

import asyncio
import signal

from consumers import info, replay
from egpay_system import until
from killable_system import KillableSystem
from slow_smtp_server import SlowSmtpServer
from webhook_sender import StripeBuyer, post_webhook

COUNTS = """
    SELECT (SELECT count(*) FROM users WHERE email_key = $1) AS users,
           (SELECT count(*) FROM organisations WHERE id IN (
                SELECT organisation_id FROM users WHERE email_key = $1)) AS organisations,
           (SELECT count(*) FROM emails
            WHERE recipient = $1 AND sent_at IS NOT NULL AND kind = 'introduction') AS introductions,
           (SELECT count(*) FROM emails
            WHERE recipient = $1 AND sent_at IS NOT NULL AND kind = 'order_confirmation') AS confirmations,
           (SELECT count(*) FROM shipments WHERE sale_id = $2) AS shipments
"""
ONCE = {"users": 1, "organisations": 1, "introductions": 1, "confirmations": 1, "shipments": 1}


async def counts(killable: KillableSystem, buyer: StripeBuyer) -> dict[str, int]:
    [row] = await killable.ask(COUNTS, buyer.email, buyer.sale_id)
    return dict(row)


async def happened_once(killable: KillableSystem, smtp_server: SlowSmtpServer, buyer: StripeBuyer) -> None:
    """One organisation, one user, one letter of each kind, one parcel; and it stays so."""
    async with asyncio.timeout(60):
        while (seen := await counts(killable, buyer)) != ONCE:
            assert all(count <= 1 for count in seen.values()), seen
            await asyncio.sleep(0.1)
    kinds = [message_id.partition(".")[0] for message_id in smtp_server.to(buyer.email)]
    assert len(kinds) == len(set(kinds))
    assert {"<introduction", "<confirmation"} <= set(kinds)


def buy(killable: KillableSystem, buyer: StripeBuyer) -> None:
    for body in (buyer.completed(), buyer.subscribed()):
        assert post_webhook(killable.egpay, body).status_code == 200


async def test_a_worker_killed_between_commit_and_ack_leads_to_one_account(
    killable: KillableSystem, smtp_server: SlowSmtpServer
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    holder = await killable.connect()
    await holder.execute(
        """
        SELECT pg_advisory_lock(4711);
        CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON organisations
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit();
        """
    )
    try:
        buy(killable, buyer)
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
        async with asyncio.timeout(10):
            while not await killable.ask(waiting):
                await asyncio.sleep(0.01)
        killable.kill("billing-worker", signal.SIGSTOP)  # from here on it hears of nothing any more
        await holder.execute("SELECT pg_advisory_unlock(4711)")
        async with asyncio.timeout(10):
            while not (await counts(killable, buyer))["organisations"]:
                await asyncio.sleep(0.01)
        killable.kill("billing-worker")
    finally:
        await holder.execute("DROP TRIGGER at_commit ON organisations; DROP FUNCTION wait_at_commit()")
        await holder.close()
    killable.revive("billing-worker")
    await happened_once(killable, smtp_server, buyer)
    until(lambda: _seen_again(killable), what="the message did not come again")


def _seen_again(killable: KillableSystem) -> bool:
    """The revived worker was given an event that it knew."""
    numbers = killable.egpay.browser.get(f"{killable.egpay.worker}/metrics").text.splitlines()
    counted = [line for line in numbers if 'outcome="seen"' in line and "_total{" in line]
    return any(float(line.rpartition(" ")[2]) > 0 for line in counted)


async def test_a_mail_server_slower_than_the_broker_waits_for_an_answer_gets_one_letter(
    killable: KillableSystem, smtp_server: SlowSmtpServer
) -> None:
    before = await info(killable.broker.url, "effects-mail")
    assert (before.config.ack_wait or 60) < 5
    buyer = StripeBuyer.of(killable.egpay)
    smtp_server.delays[buyer.email] = 7.0
    buy(killable, buyer)
    await happened_once(killable, smtp_server, buyer)
    after = await info(killable.broker.url, "effects-mail")
    assert after.num_redelivered == 0


async def test_messages_that_come_again_after_the_window_for_duplicates_change_nothing(
    killable: KillableSystem, smtp_server: SlowSmtpServer
) -> None:
    buyer = StripeBuyer.of(killable.egpay)
    buy(killable, buyer)
    await happened_once(killable, smtp_server, buyer)
    rows = await killable.ask("SELECT subject, message_id, payload FROM outbox ORDER BY id")
    ours = [tuple(row) for row in rows if buyer.sale_id.encode() in row["payload"]]
    assert {subject.split(".")[1] for subject, _, _ in ours} == {"events", "commands", "public"}
    await replay(killable.broker.url, [(subject, name, payload) for subject, name, payload in ours])
    await happened_once(killable, smtp_server, buyer)
    parcels = killable.egpay.browser.get(f"{killable.egpay.sandbox}/warehouse/api/orders").json()
    assert sum(parcel["sale_id"] == buyer.sale_id for parcel in parcels) == 1
