"""A killed server delays messages and loses none that it has acknowledged; everybody comes back by itself."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from nats.js.api import RawStreamMsg

from egpay.adapters.nats import Connection, JetStreamPublisher, JetStreamSource, connected, topology
from egpay.adapters.nats.provision import provision
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage

PROGRAM = Path(sys.executable).parent / "nats-server"


class Server:
    """One nats-server; every acknowledged message is on the disk (`sync_interval: always`). `password` counts from
    the next start on."""

    password: str | None = None

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"
        self._configuration = home / "nats.conf"
        self._store = json.dumps(str(home))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        users = f"authorization {{ user: egpay, password: {self.password} }}\n" if self.password else ""
        self._configuration.write_text(
            f"host: 127.0.0.1\nport: {self.port}\n"
            f"jetstream {{ store_dir: {self._store}, sync_interval: always }}\n{users}"
        )
        self._process = subprocess.Popen(
            [PROGRAM, "-c", self._configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as talk:
                    if b'"jetstream":true' in talk.recv(4096):
                        return
            except OSError:
                time.sleep(0.01)
        raise AssertionError("nats-server did not start")

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server without any stream; it belongs to the test, which may kill it."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.end()


@pytest.fixture
async def mortal(server: Server) -> AsyncIterator[Connection]:
    """A connection to a laid-out broker whose server may be killed."""
    await provision(server.url)
    async with connected(server.url, name="test") as connection:
        yield connection


def _event(number: int) -> OutboxMessage:
    return OutboxMessage(
        id=MessageId(f"evt_{number}"), subject="billing.events.invoice_paid", payload=str(number).encode()
    )


def _events(count: int) -> list[OutboxMessage]:
    return [_event(number) for number in range(count)]


async def _stored(connection: Connection) -> int:
    return (await connection.client.jsm().stream_info(topology.STREAM)).state.messages


async def _at(connection: Connection, sequence: int) -> RawStreamMsg:
    return await connection.client.jetstream().get_msg(topology.STREAM, sequence)


async def test_a_killed_server_is_an_outage_at_once_and_publishing_resumes(
    mortal: Connection, server: Server
) -> None:
    broker = JetStreamPublisher(mortal, timeout=1)
    await broker.publish_many(_events(100))
    server.end()
    began = time.monotonic()
    with pytest.raises(Outage):
        await broker.publish_many(_events(100))
    assert time.monotonic() - began < 2
    server.start()
    await _until_taken(broker, _events(100))
    assert await _stored(mortal) >= 200
    assert (await _at(mortal, 100)).data == b"99"


async def test_what_was_acknowledged_survives_a_server_killed_in_the_midst_of_publishing(
    mortal: Connection, server: Server
) -> None:
    broker = JetStreamPublisher(mortal, timeout=1)
    acknowledged: list[str] = []

    async def keep_publishing(name: int) -> None:
        for number in range(60):
            batch = [
                OutboxMessage(
                    id=MessageId(f"evt_{name}_{number}_{place}"),
                    subject="billing.events.invoice_paid",
                    payload=f"{name}_{number}_{place}".encode(),
                )
                for place in range(20)
            ]
            await _until_taken(broker, batch)
            acknowledged.extend(message.payload.decode() for message in batch)

    async def keep_killing() -> None:
        for _ in range(3):
            await asyncio.sleep(0.05)
            server.end()
            server.start()

    await asyncio.gather(keep_killing(), *(keep_publishing(name) for name in range(4)))
    stored = [
        ((await _at(mortal, place)).data or b"").decode() for place in range(1, await _stored(mortal) + 1)
    ]
    assert set(acknowledged) <= set(stored)
    assert len(acknowledged) == 4 * 60 * 20
    _assert_whole_batches(stored)


def _assert_whole_batches(stored: Sequence[str]) -> None:
    for start in range(0, len(stored), 20):
        batches = {payload.rpartition("_")[0] for payload in stored[start : start + 20]}
        assert len(batches) == 1, "a batch was stored in part"


async def _until_taken(broker: JetStreamPublisher, messages: Sequence[OutboxMessage]) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await broker.publish_many(messages)
            except Outage:
                await asyncio.sleep(0.02)
            else:
                return


async def test_a_source_survives_the_death_of_its_server(mortal: Connection, server: Server) -> None:
    broker = JetStreamPublisher(mortal, timeout=1)
    async with aclosing(JetStreamSource(mortal).batches("reactions")) as batches:
        await broker.publish_many([_event(0)])
        assert [delivery.payload for delivery in await anext(batches)] == [b"0"]
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        server.end()
        server.start()
        async with asyncio.timeout(10):
            while not await _taken(broker, _event(1)):
                continue
        restored = time.monotonic()
        batch = await asyncio.wait_for(waiting, 15)
        assert time.monotonic() - restored < 1.5
        assert batch[-1].payload == b"1"


async def _taken(broker: JetStreamPublisher, message: OutboxMessage) -> bool:
    try:
        await broker.publish_many([message])
    except Outage:
        await asyncio.sleep(0.01)
        return False
    return True


async def _connected_within(connection: Connection, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not connection.connected and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return connection.connected


async def test_a_server_that_turns_us_away_for_a_while_finds_us_again(
    mortal: Connection, server: Server
) -> None:
    """nats-py closes its client for good on a refused password."""
    closed = asyncio.Event()
    mortal.broken.add(closed.set)
    server.end()
    server.password = "hunter2"
    server.start()
    await asyncio.wait_for(closed.wait(), 5)
    await asyncio.sleep(0.6)
    assert not mortal.connected
    server.end()
    server.password = None
    server.start()
    assert await _connected_within(mortal, 10)
    await JetStreamPublisher(mortal).publish_many(_events(2))


async def test_a_wrong_password_is_told_without_showing_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.end()
    server.password = "right"
    server.start()
    async with connected(
        f"nats://egpay:hunter2@127.0.0.1:{server.port}", name="test", within=0.8
    ) as connection:
        assert not connection.connected
        with pytest.raises(Outage):
            _ = connection.client
    told = [record for record in caplog.records if record.name == "egpay.adapters.nats.connection"]
    assert 1 <= len(told) <= 10
    assert "hunter2" not in caplog.text


async def test_credentials_in_the_url_open_the_door_and_any_server_of_a_cluster_will_do(
    server: Server,
) -> None:
    server.end()
    server.password = "right"
    server.start()
    servers = f"nats://egpay:right@127.0.0.1:1, nats://egpay:right@127.0.0.1:{server.port}"
    async with connected(servers, name="test") as connection:
        assert connection.connected


async def test_a_connection_opens_by_itself_when_the_server_comes_later(server: Server) -> None:
    server.end()
    async with connected(server.url, name="test", within=0.1) as connection:
        assert not connection.connected
        server.start()
        assert await _connected_within(connection, 10)


async def test_a_connection_closes_promptly_while_the_server_is_away(
    mortal: Connection, server: Server
) -> None:
    server.end()
    began = time.monotonic()
    await mortal.close()
    assert time.monotonic() - began < 3
