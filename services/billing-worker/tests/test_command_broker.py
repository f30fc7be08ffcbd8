import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats

from billing_worker.command_broker import CommandBroker
from billing_worker.subscribers import subscribe
from egpay.adapters.nats.provision import provision
from egpay.ports.messages import Delivery
from egpay.supervision import Supervisor
from egpay_local import environment, process
from egpay_local.nats import PROGRAM
from egpay_local.ports import is_free, reserved

DEADLINE = 20.0


@contextmanager
def server(folder: Path, port: int) -> Iterator[str]:
    """A nats-server on this port, with what is stored in the folder."""
    config = folder / "nats.conf"
    config.write_text(f'host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: "{folder}/store" }}\n')
    child = process.spawn(
        "nats", (PROGRAM, "-c", config), log=folder / "nats.log", env=environment.bare(), cwd=folder
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
