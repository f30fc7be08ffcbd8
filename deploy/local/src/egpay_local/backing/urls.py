"""Running servers: `DATABASE_URL` (a login that may create databases and roles) and `NATS_URL`."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nats

from egpay_local import environment
from egpay_local.backing import Backing


@dataclass(frozen=True, slots=True)
class Urls:
    """Shares its NATS server, so each test first deletes every stream: never name a server of value."""

    admin_url: str
    nats_url: str

    @contextmanager
    def clean_nats(self, home: Path) -> Iterator[str]:  # noqa: ARG002  the server has its own folder
        with ThreadPoolExecutor(1) as thread:  # the test that asks may have a loop of its own running
            thread.submit(asyncio.run, delete_streams(self.nats_url)).result()
        yield self.nats_url


@contextmanager
def urls(state: Path) -> Iterator[Backing]:  # noqa: ARG001  nothing is kept by us
    given = environment.inherited()
    missing = [name for name in ("DATABASE_URL", "NATS_URL") if not given.get(name)]
    if missing:
        raise LookupError(f"--backing=urls needs {' and '.join(missing)}")
    yield Urls(admin_url=given["DATABASE_URL"], nats_url=given["NATS_URL"])


async def delete_streams(nats_url: str) -> None:
    connection = await nats.connect(nats_url)
    try:
        jetstream = connection.jetstream()
        for stream in await jetstream.streams_info():
            if stream.config.name:
                await jetstream.delete_stream(stream.config.name)
    finally:
        await connection.close()
