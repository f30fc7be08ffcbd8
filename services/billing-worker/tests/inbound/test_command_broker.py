import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats

from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from egpay.adapters.nats.provision import provision
from egpay.ports.deliveries import Delivery
from egpay.runtime.supervisor import Supervisor
from egpay_local import environment, process
from egpay_local.nats import PROGRAM
from egpay_local.tcp_ports import is_free, reserved

DEADLINE = 20.0


@contextmanager
def server(folder: Path, port: int) -> Iterator[str]:
    """A nats-server on this port, with what is stored in the folder."""
    config = folder / "nats.conf"
    config.write_text(f'host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: "{folder}/store" }}\n')
    child = process.spawn(
        "nats", (PROGRAM, "-c", config), log=folder / "nats.log", env=environment.minimal(), cwd=folder
    )
    try:
        end = time.monotonic() + DEADLINE
        while is_free(port):
            assert time.monotonic() < end, child.last_lines()
            time.sleep(0.02)
        yield f"nats://127.0.0.1:{port}"
    finally:
        child.stop()


async def tell(url: str, command: bytes) -> None:
    client = await nats.connect(url)
    await client.jetstream().publish("billing.commands.ship_devices", command)
    await client.close()


class Heard:
    """A handler of commands that remembers and agrees."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.commands.append(delivery.payload)
        await delivery.ack()

    async def until(self, command: bytes) -> None:
        async with asyncio.timeout(DEADLINE):
            while command not in self.commands:
                await asyncio.sleep(0.02)


class Silent(CommandBroker):
    """A client that answers nothing, and notes how it is treated."""

    treated: tuple[str, ...] = ()

    async def ping(self, timeout: float | None) -> bool:  # noqa: ARG002 - FastStream's signature
        return False

    async def stop(self, *_: object) -> None:
        self.treated += ("stopped",)

    async def start(self) -> None:
        self.treated += ("started",)


async def test_a_client_that_stays_silent_is_given_a_new_start() -> None:
    broker = Silent(logger=None)
    async with Supervisor() as supervisor:
        supervisor.start("commands", lambda: broker.keep_taking(every=0.01))
        async with asyncio.timeout(DEADLINE):
            while len(broker.treated) < 4:
                await asyncio.sleep(0.01)
    assert broker.treated[:4] == ("stopped", "started", "stopped", "started")


async def test_commands_flow_again_after_a_new_start_without_a_server_to_say_goodbye_to(
    tmp_path: Path,
) -> None:
    with reserved() as port:
        with server(tmp_path, port.number) as url:
            await provision(url)
            heard, broker = Heard(), CommandBroker([url], max_reconnect_attempts=-1, logger=None)
            subscribe(broker, heard)
            await broker.start()
            await tell(url, b"before")
            await heard.until(b"before")
        await broker.stop()
        with server(tmp_path, port.number) as url:
            await broker.start()
            await tell(url, b"after")
            await heard.until(b"after")
            await broker.stop()


class Busy(Heard):
    """A handler that lets its commands wait until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> None:
        self.begun.set()
        await self.go_on.wait()
        await delivery.ack()
        self.commands.append(delivery.payload)


async def test_a_client_that_is_closed_for_good_starves_nobody_and_commands_flow_again(
    tmp_path: Path,
) -> None:
    with reserved() as port, server(tmp_path, port.number) as url:
        await provision(url)
        busy, broker = Busy(), CommandBroker([url], max_reconnect_attempts=-1, logger=None)
        subscribe(broker, busy)
        await broker.start()
        for number in range(20):
            await tell(url, b"%d" % number)
        await busy.begun.wait()
        assert broker._connection is not None
        await broker._connection.close()
        busy.go_on.set()
        began = time.monotonic()
        for _ in itertools.repeat(None, 20):
            await asyncio.sleep(0.05)  # a loop that spins would never come back from here
        assert time.monotonic() - began < DEADLINE / 2
        async with Supervisor() as supervisor:
            supervisor.start("commands", lambda: broker.keep_taking(every=0.05))
            await tell(url, b"after")
            await busy.until(b"after")
            async with asyncio.timeout(DEADLINE):
                while broker.stuck(longer_than=0.0):
                    await asyncio.sleep(0.02)
        await broker.stop()


class Refused(CommandBroker):
    """A client that is let in no more."""

    async def stop(self, *_: object) -> None:
        """There is nothing to stop."""

    async def start(self) -> None:
        self._taking = False
        raise OSError("authorization violation")


async def test_a_process_whose_client_cannot_be_revived_says_that_it_is_stuck() -> None:
    broker = Refused(logger=None)
    assert broker.stuck(longer_than=0.0) is None
    async with Supervisor(first=0.01) as supervisor:
        supervisor.start("commands", lambda: broker.keep_taking(every=0.01))
        async with asyncio.timeout(DEADLINE):
            while not broker.stuck(longer_than=0.05):
                await asyncio.sleep(0.01)
        assert broker.stuck(longer_than=60.0) is None
    assert str(broker.stuck(longer_than=0.0)).startswith("no commands come, for ")


async def test_while_the_broker_is_away_for_all_of_us_a_new_process_would_be_no_better() -> None:
    broker, away, looks = Refused(logger=None), True, 0

    def reachable() -> bool:
        nonlocal looks
        looks += 1
        return not away

    async with Supervisor(first=0.01) as supervisor:
        supervisor.start("commands", lambda: broker.keep_taking(reachable, every=0.01))
        async with asyncio.timeout(DEADLINE):
            while looks < 5:
                await asyncio.sleep(0.01)
        assert broker.stuck(longer_than=0.0) is None
        away = False
        async with asyncio.timeout(DEADLINE):
            while not broker.stuck(longer_than=0.0):
                await asyncio.sleep(0.01)
