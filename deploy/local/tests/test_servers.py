"""The servers that everything stands on: only for this machine, and what they confirmed is there after `kill -9`."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats as client
import pytest

from egpay_local import nats, paths, postgres, postgres_cluster
from egpay_local.backing.embedded import scratch


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with scratch() as folder:
        yield folder


def test_what_postgresql_committed_is_there_after_kill_9(home: Path) -> None:
    with postgres.running(home / "crashed", binaries=home) as server:
        asyncio.run(_sql(server.url("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer"))
        os.killpg(server.child.pid, signal.SIGKILL)
    assert (home / "crashed" / "data" / "postmaster.pid").exists()
    with postgres.running(home / "crashed", binaries=home) as server:
        assert asyncio.run(_sql(server.url("postgres"), "SELECT answer FROM kept")) == 42


def test_a_pid_file_whose_number_now_belongs_to_somebody_else_does_not_stop_the_start(home: Path) -> None:
    with postgres.running(home / "again", binaries=home) as server:
        os.killpg(server.child.pid, signal.SIGKILL)
    pid_file = home / "again" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    with postgres.running(home / "again", binaries=home) as server:
        assert asyncio.run(_sql(server.url("postgres"), "SELECT 1")) == 1


def test_postgresql_syncs_asks_for_the_password_and_listens_on_this_machine_only(home: Path) -> None:
    with postgres.running(home / "strict", binaries=home) as server:
        url = server.url("postgres")
        for setting, value in {
            "fsync": "on",
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }.items():
            assert asyncio.run(_sql(url, f"SHOW {setting}")) == value
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(_sql(server.url("postgres", password="guess"), "SELECT 1"))
        assert (home / "strict" / "password").stat().st_mode & 0o777 == 0o600
        assert server.password not in Path(f"/proc/{server.child.pid}/cmdline").read_text()


def test_an_interrupted_initdb_is_simply_repeated(home: Path) -> None:
    (home / "half" / "data.new").mkdir(parents=True)
    (home / "half" / "data.new" / "rest").touch()
    with postgres.running(home / "half", binaries=home) as server:
        assert asyncio.run(_sql(server.url("postgres"), "SELECT 1")) == 1


def test_what_jetstream_acknowledged_is_there_after_kill_9(home: Path) -> None:
    async def publish(url: str) -> None:
        connection = await client.connect(url)
        await connection.jetstream().add_stream(name="KEPT", subjects=["kept"])
        for number in range(20):
            await connection.jetstream().publish("kept", b"%d" % number)
        await connection.close()

    async def count(url: str) -> int:
        connection = await client.connect(url)
        info = await connection.jetstream().stream_info("KEPT")
        await connection.close()
        return info.state.messages

    with nats.running(home / "nats", administrator=True) as server:
        asyncio.run(publish(server.url(nats.ADMINISTRATOR)))
        os.kill(server.child.pid, signal.SIGKILL)
    with nats.running(home / "nats", administrator=True) as server:
        assert asyncio.run(count(server.url(nats.ADMINISTRATOR))) == 20


def test_jetstream_syncs_before_it_acknowledges(home: Path) -> None:
    with nats.running(home / "synced"):
        assert "sync_interval: always" in (home / "synced" / "nats.conf").read_text()
        assert "host: 127.0.0.1" in (home / "synced" / "nats.conf").read_text()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with postgres.running(home / "broken", binaries=home):
        pass
    (home / "broken" / "data" / "postgresql.auto.conf").write_text("nonsense = 1\n")
    with (
        pytest.raises(postgres_cluster.PostgresFailed, match="nonsense"),
        postgres.running(home / "broken", binaries=home),
    ):
        pass


def test_postgresql_never_runs_as_root_and_no_mode_of_a_private_home_is_changed(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    folders = paths.prepare(private / "state")
    try:
        with postgres.running(folders.postgres, binaries=folders.servers) as server:
            assert Path(f"/proc/{server.child.pid}").stat().st_uid != 0
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(folders.servers)


async def _sql(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
