"""`egpay migrate` lays the broker out, as often as one likes; `egpay doctor` sees what somebody has changed."""

from collections.abc import AsyncIterator
from typing import get_args

import pytest
from nats.js.api import StreamConfig

from egpay.adapters.nats import Connection, connected, topology
from egpay.adapters.nats.provision import drift, lag, provision
from egpay.adapters.wire import COMMANDS, EVENTS, PUBLIC
from egpay.domain.commands import Command
from egpay.domain.errors import Defect, Outage
from egpay.domain.events import BillingEvent


@pytest.fixture
async def billing(nats_url: str) -> AsyncIterator[Connection]:
    """A connection to a broker that is laid out."""
    await provision(nats_url)
    async with connected(nats_url, name="test") as connection:
        yield connection


def test_every_command_has_exactly_one_consumer() -> None:
    given = [subject for spec in topology.COMMAND_CONSUMERS for subject in spec.subjects]
    assert sorted(given) == sorted(
        f"{COMMANDS}.{command.__struct_config__.tag}" for command in get_args(Command)
    )


def test_every_message_fits_a_subject_of_the_stream() -> None:
    assert topology.stream(1).subjects == [f"{EVENTS}.*", f"{COMMANDS}.*", f"{PUBLIC}.>"]
    tags = [kind.__struct_config__.tag for kind in (*get_args(BillingEvent), *get_args(Command))]
    assert [tag for tag in tags if "." in str(tag)] == []


async def test_an_empty_broker_is_laid_out_once(nats_url: str) -> None:
    done = await provision(nats_url)
    assert done == [
        "stream BILLING: was missing",
        "stream BILLING_ADVISORIES: was missing",
        "consumer reactions: was missing",
        "consumer effects-mail: was missing",
        "consumer effects-warehouse: was missing",
        "consumer effects-payments: was missing",
        "consumer product: was missing",
        "consumer dead-letters: was missing",
    ]
    assert await provision(nats_url) == []
    assert await drift(nats_url) == []
    assert set((await lag(nats_url)).values()) == {0}


async def test_doctor_tells_what_is_missing_without_touching_it(nats_url: str) -> None:
    assert len(await drift(nats_url)) == 8
    assert len(await drift(nats_url)) == 8


async def test_what_somebody_changed_is_told_and_put_right(billing: Connection, nats_url: str) -> None:
    jsm = billing.client.jsm()
    changed = topology.stream(1)
    changed.max_age, changed.allow_atomic = 3600.0, False
    await jsm.update_stream(changed)
    await jsm.delete_consumer(topology.STREAM, "effects-mail")
    found = await drift(nats_url)
    assert any("max_age was 3600.0" in line and "allow_atomic" in line for line in found)
    assert "consumer effects-mail: was missing" in found
    assert await provision(nats_url) == found
    assert await drift(nats_url) == []


async def test_what_a_newer_release_added_is_no_drift_and_stays(billing: Connection, nats_url: str) -> None:
    """In a rolling upgrade an older `egpay migrate` may run after the newer one."""
    jsm = billing.client.jsm()
    newer = topology.stream(1)
    newer.subjects = [*(newer.subjects or []), "billing.audit.>"]
    await jsm.update_stream(newer)
    [mail] = [config for config in topology.consumers() if config.name == "effects-mail"]
    mail.filter_subjects = [*(mail.filter_subjects or []), "billing.commands.send_receipt"]
    await jsm.add_consumer(topology.STREAM, mail)
    assert await drift(nats_url) == []
    assert await provision(nats_url) == []
    mail.ack_wait = 33.0
    await jsm.add_consumer(topology.STREAM, mail)
    newer.max_age = 3600.0
    await jsm.update_stream(newer)
    assert len(await provision(nats_url)) == 2
    assert "billing.audit.>" in ((await jsm.stream_info(topology.STREAM)).config.subjects or [])
    info = await jsm.consumer_info(topology.STREAM, "effects-mail")
    assert "billing.commands.send_receipt" in (info.config.filter_subjects or [])
    assert info.config.ack_wait == 10.0


async def test_what_a_filter_lacks_is_told_and_added(billing: Connection, nats_url: str) -> None:
    jsm = billing.client.jsm()
    [older] = [config for config in topology.consumers() if config.name == "effects-mail"]
    older.filter_subjects = ["billing.commands.send_introduction"]
    await jsm.add_consumer(topology.STREAM, older)
    [line] = await drift(nats_url)
    assert line == (
        "consumer effects-mail: billing.commands.send_payment_failed, billing.commands.send_payment_reminder, "
        "billing.commands.send_portal_link, billing.commands.renew_invitation, billing.commands.send_letter, "
        "billing.commands.send_withdrawal_receipt missing of its subjects"
    )
    assert await provision(nats_url) == [line]
    assert await drift(nats_url) == []


async def test_messages_outlive_a_change_of_the_layout(billing: Connection, nats_url: str) -> None:
    await billing.client.jetstream().publish("billing.events.invoice_paid", b"{}")
    jsm = billing.client.jsm()
    changed = topology.stream(1)
    changed.max_age = 3600.0
    await jsm.update_stream(changed)
    await provision(nats_url)
    assert (await jsm.stream_info(topology.STREAM)).state.messages == 1
    assert (await lag(nats_url))["reactions"] == 1


async def test_a_broker_that_was_never_laid_out_is_told_from_one_that_is_away(nats_url: str) -> None:
    with pytest.raises(Defect, match="egpay migrate"):
        await lag(nats_url)


async def test_a_change_that_the_broker_refuses_is_a_defect(billing: Connection, nats_url: str) -> None:
    jsm = billing.client.jsm()
    await jsm.delete_stream(topology.STREAM)
    await jsm.add_stream(StreamConfig(name="OTHER", subjects=["billing.events.*"]))
    with pytest.raises(Defect, match="overlap"):
        await provision(nats_url)


async def test_a_broker_that_is_away_is_an_outage_that_names_no_password() -> None:
    with pytest.raises(Outage) as outage:
        await provision("nats://egpay:hunter2@127.0.0.1:1", within=0.3)
    assert "hunter2" not in str(outage.value)
