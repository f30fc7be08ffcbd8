"""Logins of the broker: a stranger gets in nowhere, and no program can do more than its work needs."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
from nats.errors import Error

from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from checkout_api.testing.tcp_proxy import TcpProxy
from egpay.adapters.nats import topology
from egpay.adapters.nats.advisories import NatsAdvisories
from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.permissions import (
    BILLING_WORKER_LOGIN,
    CHECKOUT_API_LOGIN,
    LOGINS,
    OPERATOR,
    PRODUCT_LOGIN,
    Login,
    users_conf,
)
from egpay.adapters.nats.provision import drift, lag_of, provision
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.nats.subjects import covers
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.deliveries import Delivery
from egpay.ports.outbox import OutboxMessage
from egpay_local import nats as nats_server
from egpay_local.nats import login_url

EVENT, COMMAND, PUBLIC = (f"billing.{kind}.hello" for kind in ("events", "commands", "public"))
SHIP = "billing.commands.ship_devices"


def test_the_file_of_the_server_is_what_the_table_says() -> None:
    assert nats_server.USERS.read_text() == users_conf(), (
        "python -m egpay.adapters.nats.permissions > deploy/nats/users.conf"
    )


@pytest.fixture
async def laid_out(nats_url: str) -> str:
    await provision(nats_url)
    return nats_url


@asynccontextmanager
async def logged_in(url: str, login: Login, incidents: list[str] | None = None) -> AsyncIterator[Connection]:
    told = (lambda _: None) if incidents is None else incidents.append
    async with connected(
        login_url(url, login.user), name="test", inbox_prefix=login.inbox_prefix, on_incident=told
    ) as connection:
        assert connection.connected
        yield connection


async def test_nobody_gets_in_without_a_password(laid_out: str) -> None:
    _, _, host = laid_out.rpartition("@")
    for url in (
        f"nats://{host}",
        f"nats://egpay_billing_worker@{host}",
        f"nats://egpay_operator:guess@{host}",
    ):
        async with connected(url, name="stranger", within=0.5) as stranger:
            assert not stranger.connected


@pytest.mark.parametrize(
    ("login", "allowed"),
    [
        (CHECKOUT_API_LOGIN, {EVENT}),
        (BILLING_WORKER_LOGIN, {EVENT, COMMAND, PUBLIC}),
        (OPERATOR, set()),
        (PRODUCT_LOGIN, set()),
    ],
    ids=lambda value: value.user if isinstance(value, Login) else "",
)
async def test_each_login_publishes_only_what_is_its_own(
    laid_out: str, login: Login, allowed: set[str]
) -> None:
    async with logged_in(laid_out, login) as connection:
        published = {subject for subject in (EVENT, COMMAND, PUBLIC) if await _publishes(connection, subject)}
    assert published == allowed


async def _publishes(connection: Connection, subject: str) -> bool:
    try:
        await connection.client.request(subject, b"{}", timeout=0.3)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("login", [CHECKOUT_API_LOGIN, BILLING_WORKER_LOGIN, PRODUCT_LOGIN])
@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.STREAM.DELETE.BILLING",
        "$JS.API.STREAM.PURGE.BILLING",
        "$JS.API.STREAM.UPDATE.BILLING",
        "$JS.API.STREAM.CREATE.BILLING_ADVISORIES",
        "$JS.API.STREAM.NAMES",
        "$JS.API.CONSUMER.CREATE.BILLING.spy",
        "$JS.API.CONSUMER.DELETE.BILLING.reactions",
        "$JS.API.DIRECT.GET.BILLING",
        "$JS.API.INFO",
    ],
)
async def test_no_service_lays_out_or_reads_the_stream(laid_out: str, login: Login, subject: str) -> None:
    incidents: list[str] = []
    async with logged_in(laid_out, login, incidents) as connection:
        await connection.client.publish(subject, b"{}")
        await connection.client.flush()
        await _until(lambda: "forbidden" in incidents)
        with pytest.raises(Outage, match="forbids"):
            connection.require_rights()


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("subject", [">", "billing.>", "_INBOX.>", "$JS.EVENT.>", "$SYS.>"])
async def test_no_login_listens_to_messages_or_to_the_answers_of_another(
    laid_out: str, login: Login, subject: str
) -> None:
    others = [other.inbox_prefix.decode() + ".>" for other in LOGINS if other is not login]
    incidents: list[str] = []
    async with logged_in(laid_out, login, incidents) as connection:
        for wanted in (subject, *others):
            await connection.client.subscribe(wanted)
        await connection.client.flush()
        await _until(lambda: incidents.count("forbidden") == 1 + len(others))


async def test_the_product_reads_what_is_public_and_takes_nothing_else(laid_out: str) -> None:
    async with logged_in(laid_out, BILLING_WORKER_LOGIN) as worker:
        await JetStreamPublisher(worker).publish_many([_message(COMMAND), _message(PUBLIC)])
    async with logged_in(laid_out, PRODUCT_LOGIN) as product:
        assert await _taken(product, topology.PUBLIC_CONSUMER.name) == [PUBLIC]
        incidents: list[str] = []
    async with logged_in(laid_out, PRODUCT_LOGIN, incidents) as product:
        await product.client.publish("$JS.API.CONSUMER.MSG.NEXT.BILLING.reactions", b"", "_INBOX_app.1")
        await product.client.flush()
        await _until(lambda: "forbidden" in incidents)


async def test_each_right_is_needed(laid_out: str) -> None:
    """Everything that a login does is watched on the wire: a right that nothing uses is one too many."""
    used = {login.user: await _used_by(login, laid_out) for login in LOGINS}
    unused = {
        (login.user, right)
        for login in LOGINS
        for right in (*login.publish, *login.subscribe)
        if not any(covers(right, subject) for subject in used[login.user])
    }
    assert unused == set()


async def _used_by(login: Login, url: str) -> set[str]:
    proxy = WiretappedProxy(login_url(url, login.user))
    await proxy.open()
    try:
        incidents: list[str] = []
        async with logged_in(proxy.url, login, incidents) as connection:
            await _WORK[login.user](connection, proxy.url)
        assert "forbidden" not in incidents
    finally:
        await proxy.close()
    return proxy.subjects()


async def _works_as_checkout_api(connection: Connection, url: str) -> None:
    await JetStreamPublisher(connection).publish_many([_message(EVENT)])


async def _works_as_worker(connection: Connection, url: str) -> None:
    messages = [
        _message(subject) for subject in (EVENT, PUBLIC, *map(_first_subject, topology.COMMAND_CONSUMERS))
    ]
    await JetStreamPublisher(connection).publish_many(messages)
    assert set(await lag_of(connection)) == {spec.name for spec in topology.CONSUMERS}
    assert EVENT in await _taken(connection, topology.REACTIONS.name)
    handled: list[str] = []

    async def terminate(delivery: Delivery) -> None:
        handled.append(delivery.subject)
        await delivery.term()

    commands = CommandBroker([url], inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix, logger=None)
    subscribe(commands, terminate)
    given_up: list[DeadLetter] = []
    advisories = asyncio.create_task(
        NatsAdvisories(connection, rest=0.2).run(lambda letter, *_: _kept(given_up, letter))
    )
    await commands.start()
    await _until(lambda: len(handled) == len(topology.COMMAND_CONSUMERS))
    await _until(lambda: len(given_up) == len(handled))
    await commands.stop()
    advisories.cancel()
    await asyncio.gather(advisories, return_exceptions=True)


async def _works_as_operator(connection: Connection, url: str) -> None:
    jsm = connection.client.jsm()
    administrator = login_url(url, OPERATOR.user).replace(OPERATOR.user, nats_server.ADMINISTRATOR)
    async with connected(administrator, name="test") as everything:
        for stream in (topology.STREAM, topology.ADVISORIES):
            await everything.client.jsm().delete_stream(stream)
    await provision(url)
    assert await drift(url) == []
    for config in topology.streams(1):
        await jsm.update_stream(config)


async def _works_as_product(connection: Connection, url: str) -> None:
    await connection.client.jsm().consumer_info(topology.STREAM, topology.PUBLIC_CONSUMER.name)
    administrator = url.replace(PRODUCT_LOGIN.user, nats_server.ADMINISTRATOR)
    async with connected(administrator, name="test") as everything:
        await JetStreamPublisher(everything).publish_many([_message(PUBLIC)])
    assert await _taken(connection, topology.PUBLIC_CONSUMER.name) == [PUBLIC]


_WORK = {
    CHECKOUT_API_LOGIN.user: _works_as_checkout_api,
    BILLING_WORKER_LOGIN.user: _works_as_worker,
    OPERATOR.user: _works_as_operator,
    PRODUCT_LOGIN.user: _works_as_product,
}


class WiretappedProxy(TcpProxy):
    """Forwards to the server, and keeps what the client sends."""

    def __init__(self, target_url: str) -> None:
        super().__init__(target_url)
        self._sent: list[bytes] = []

    async def pump_out(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            self._sent.append(data)
            sink.write(data)
            await sink.drain()

    def subjects(self) -> set[str]:
        """Every subject that was published or subscribed to."""
        found = re.findall(rb"(?m)^(?:PUB|HPUB|SUB) (\S+)", b"".join(self._sent))
        return {subject.decode() for subject in found}


async def _taken(connection: Connection, consumer: str) -> list[str]:
    source = JetStreamSource(connection)
    async with asyncio.timeout(5), aclosing(source.batches(consumer)) as batches:
        async for batch in batches:
            for delivery in batch:
                await delivery.ack()
            await connection.client.flush()
            return [delivery.subject for delivery in batch]
    return []


def _first_subject(spec: topology.ConsumerSpec) -> str:
    return spec.subjects[0]


def _message(subject: str) -> OutboxMessage:
    return OutboxMessage(id=MessageId(f"msg {subject}"), subject=subject, payload=b"{}")


async def _kept(letters: list[DeadLetter], letter: DeadLetter) -> None:
    letters.append(letter)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_password_is_in_no_error_of_the_connection(laid_out: str) -> None:
    with pytest.raises((Outage, Error)) as fault:
        await provision(laid_out.replace(nats_server.ADMINISTRATOR, "egpay_product"), within=1.0)
    assert laid_out.split(":")[2].split("@", maxsplit=1)[0] not in str(fault.value)
