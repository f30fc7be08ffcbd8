import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import pytest

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
def server(folder: Path, port: int, *, guarded: bool = False) -> Iterator[str]:
    """A nats-server on this port; a guarded one asks for credentials that nobody has."""
    guard = "authorization { user: somebody, password: else }" if guarded else ""
    config = folder / "nats.conf"
    config.write_text(
        f'host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: "{folder}/store" }}\n{guard}\n'
    )
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


# nats-py 2.16 leaks the socket of a refused login; it is collected here, where that is known
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_commands_flow_again_after_a_server_turned_us_away_for_a_while(tmp_path: Path) -> None:
    heard = Heard()
    with reserved() as port:
        with server(tmp_path, port.number) as url:
            await provision(url)
            broker = CommandBroker([url], max_reconnect_attempts=-1, reconnect_time_wait=1, logger=None)
            subscribe(broker, heard)
            await broker.start()
            await tell(url, b"before")
            await heard.until(b"before")
        async with Supervisor() as supervisor:
            supervisor.start("commands", lambda: broker.keep_taking(every=0.2))
            with server(tmp_path, port.number, guarded=True):
                async with asyncio.timeout(DEADLINE):
                    while not supervisor.pulses["commands"].failures:
                        await asyncio.sleep(0.02)
            with server(tmp_path, port.number) as url:
                await tell(url, b"after")
                await heard.until(b"after")
                await supervisor.stop()
                await broker.stop()
    gc.collect()
