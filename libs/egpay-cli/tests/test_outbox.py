"""The broker loses what it had: PostgreSQL knows, the operator is told, and everything happens, once."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from operator_system import OperatorSystem, until

from egpay.adapters.nats import topology
from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.provision import JetStreamIdleConsumers, provision
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.testing.builders import receipt, subscription_changed

SETTLED = """
    SELECT count(*) FILTER (WHERE published_at IS NULL) AS waiting,
           count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM processed_messages AS p WHERE p.message_id = outbox.message_id
           )) AS unworked
    FROM outbox WHERE subject LIKE 'billing.events.%'
"""


def broker(system: OperatorSystem) -> AbstractAsyncContextManager[Connection]:
    return connected(system.nats_url, name="test")


async def published(system: OperatorSystem, *names: str) -> list[MessageId]:
    """Reports that reached the broker an hour ago, while no worker ran."""
    events = [subscription_changed(name, by_invoice=True) for name in names]
    await system.storage.inbox.record_many([receipt(event) for event in events])
    async with broker(system) as connection:
        await system.storage.outbox.drain_once(JetStreamPublisher(connection).publish_many)
    await system.ask("UPDATE outbox SET published_at = now() - interval '1 hour'")
    return [event.id for event in events]


async def settled(system: OperatorSystem) -> bool:
    [row] = await system.ask(SETTLED)
    return (row["waiting"], row["unworked"]) == (0, 0)


async def subscriptions(system: OperatorSystem) -> list[str]:
    return [row["id"] for row in await system.ask("SELECT id FROM subscriptions ORDER BY id")]


async def questions(system: OperatorSystem) -> Sequence[object]:
    return await system.ask("SELECT 1 FROM outbox WHERE subject = 'billing.commands.identify_owner'")


async def test_what_a_purged_stream_lost_is_sent_again_and_worked_on_once(system: OperatorSystem) -> None:
    lost = await published(system, "sub_1", "sub_2")
    async with broker(system) as connection:
        await connection.client.jsm().purge_stream(topology.STREAM)
    told = (await system.egpay("outbox", "republish", "--json", "--reason", "the disk was lost")).json
    assert (told["sent"], [each["event_id"] for each in told["messages"]]) == (True, lost)
    async with system.working():
        await until(lambda: settled(system), what="what was lost was not worked on")
        assert await subscriptions(system) == ["sub_1", "sub_2"]
        assert len(await questions(system)) == 2
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'outbox.republished'")
    assert line["what"].startswith("2 messages sent again by ")
    assert line["what"].endswith(": the disk was lost")
    assert (await system.egpay("outbox", "republish")).out == "nothing was lost\n"


async def test_a_broker_that_starts_empty_gets_back_what_nobody_had_worked_on(system: OperatorSystem) -> None:
    async with system.working():
        await system.storage.inbox.record_many([receipt(subscription_changed("sub_done", by_invoice=True))])
        await until(lambda: settled(system), what="the first was not worked on")
    [lost] = await published(system, "sub_1")
    async with broker(system) as connection:
        await connection.client.jsm().delete_stream(topology.STREAM)
    await provision(system.nats_url)
    told = (await system.egpay("outbox", "republish", "--json")).json
    assert {each["event_id"] for each in told["messages"]} == {lost, "owner:sub_done"}
    async with system.working():
        await until(lambda: settled(system), what="what was lost was not worked on")
    assert await subscriptions(system) == ["sub_1", "sub_done"]


async def test_what_was_not_lost_and_is_sent_twice_is_worked_on_once(system: OperatorSystem) -> None:
    await published(system, "sub_1")
    await system.egpay("outbox", "republish")
    async with system.working():
        await until(lambda: settled(system), what="it was not worked on")

        async def both_came() -> bool:
            async with broker(system) as connection:
                info = await connection.client.jsm().consumer_info(topology.STREAM, topology.REACTIONS.name)
            return (info.delivered.consumer_seq if info.delivered else 0) >= 2 and not info.num_ack_pending

        await until(both_came, what="it did not come twice")
    assert len(await questions(system)) == 1
    [claimed] = await system.ask("SELECT count(*) AS number FROM processed_messages")
    assert claimed["number"] == 1


async def test_a_dry_run_tells_what_is_lost_and_sends_nothing(system: OperatorSystem) -> None:
    [lost] = await published(system, "sub_1")
    result = await system.egpay("outbox", "republish", "--dry-run")
    assert lost in result.out
    assert result.out.endswith("would be sent again: 1 subscription_changed\n")
    told = (await system.egpay("outbox", "republish", "--dry-run", "--json")).json
    assert (told["sent"], len(told["messages"])) == (False, 1)
    assert await system.ask("SELECT 1 FROM outbox WHERE published_at IS NOT NULL")
    assert await system.ask("SELECT 1 FROM timeline WHERE kind = 'outbox.republished'") == []


async def test_what_is_younger_or_was_set_aside_or_dropped_is_left_alone(system: OperatorSystem) -> None:
    [young, aside] = await published(system, "sub_1", "sub_2")
    await system.ask(
        "UPDATE outbox SET published_at = now() - interval '10 minutes' WHERE message_id = $1", young
    )
    letter = DeadLetter(
        message_id=aside, subject="billing.events.subscription_changed", payload=b"{}", reason="r"
    )
    await system.storage.dead_letters.add_many([letter])
    assert (await system.egpay("outbox", "republish")).out == "nothing was lost\n"
    [lying] = await system.letters()
    await system.egpay("dead-letters", "drop", str(lying["id"]), "--reason", "not wanted")
    assert (await system.egpay("outbox", "republish")).out == "nothing was lost\n"
    assert (await system.egpay("outbox", "republish", "--older-than", "5m", "--json")).json["messages"]
    await system.egpay("outbox", "republish", "--older-than", "7d", "--within", "1d", expect=2)


async def test_what_was_replayed_and_then_lost_is_found(system: OperatorSystem) -> None:
    [name] = await published(system, "sub_1")
    [row] = await system.ask("SELECT subject, payload FROM outbox")
    await system.storage.dead_letters.add_many([DeadLetter(message_id=name, reason="r", **dict(row))])
    [lying] = await system.letters()
    await system.egpay("dead-letters", "replay", str(lying["id"]))
    await system.ask("UPDATE dead_letters SET resolved_at = now() - interval '2 hours'")
    await system.ask("UPDATE outbox SET published_at = now() - interval '1 hour'")
    told = (await system.egpay("outbox", "republish", "--json")).json
    assert [each["event_id"] for each in told["messages"]] == [name]


async def test_doctor_names_what_was_published_and_never_worked_on(system: OperatorSystem) -> None:
    await published(system, "sub_1", "sub_2")
    result = await system.egpay("doctor", "--json", expect=1)
    [sign] = [check for check in result.json["checks"] if check["what"] == "lost"]
    assert sign["state"] == "wrong"
    assert sign["words"].startswith(
        "2 messages were published and never worked on (events.subscription_changed)"
    )
    assert "`egpay outbox republish`" in sign["words"]


async def test_a_worker_with_something_before_it_is_not_idle(system: OperatorSystem) -> None:
    async with broker(system) as connection:
        assert (await JetStreamIdleConsumers(connection).idle())["reactions"] == ["billing.events.*"]
        await published(system, "sub_1")
        assert "reactions" not in await JetStreamIdleConsumers(connection).idle()
        inbox = await connection.client.jetstream().pull_subscribe_bind("reactions", stream=topology.STREAM)
        [message] = await inbox.fetch(1, timeout=5)
        assert "reactions" not in await JetStreamIdleConsumers(connection).idle()
        await message.nak(delay=60)
        assert set(await JetStreamIdleConsumers(connection).idle()) == {
            spec.name for spec in topology.COMMAND_CONSUMERS
        }
        await inbox.unsubscribe()


async def test_what_the_product_reads_is_never_lost_and_is_sent_again_on_request(
    system: OperatorSystem,
) -> None:
    await system.ask("""
        INSERT INTO outbox (message_id, subject, payload, published_at) VALUES
            ('access:org_1:1', 'billing.public.access.changed', '{}', now() - interval '1 hour')
    """)
    assert "published and never worked on" not in (await system.egpay("doctor", expect=None)).out
    assert (await system.egpay("outbox", "republish")).out == "nothing was lost\n"
    told = (await system.egpay("outbox", "republish", "--news", "--dry-run", "--json")).json
    assert [each["event_id"] for each in told["messages"]] == ["access:org_1:1"]
