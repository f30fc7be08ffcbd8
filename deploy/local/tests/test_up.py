"""`make up` as its user meets it: one table, one Ctrl-C, nothing left behind, everything still there tomorrow."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from egpay_local import runfile
from egpay_local.backing.embedded import scratch

_SCRIPT = Path(__file__).with_name("stub_launcher.py")


@dataclass
class Launcher:
    """A launcher in a process of its own, seen from outside."""

    process: "subprocess.Popen[bytes]"
    state: Path
    output: Path

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def up(self) -> "Launcher":
        eventually(lambda: "Ctrl-C stops it" in self.printed or self.process.poll() is not None)
        assert "Ctrl-C stops it" in self.printed, self.printed
        return self

    def run_json(self) -> dict[str, Any]:
        run: dict[str, Any] = json.loads((self.state / "run.json").read_text())
        return run

    def ends(self, asked_by: signal.Signals | None = None) -> int:
        if asked_by is not None:
            self.process.send_signal(asked_by)
        return self.process.wait(15)


Launch = Callable[..., Launcher]


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """One for all of them: every test leaves it as a stopped system leaves it."""
    with scratch() as folder:
        yield folder / "state"


@pytest.fixture
def launch(state: Path, tmp_path: Path) -> Iterator[Launch]:
    started: list[Launcher] = []

    def start(mode: str = "serve") -> Launcher:
        output = tmp_path / f"output-{len(started)}"
        with output.open("wb") as out:
            command = [sys.executable, str(_SCRIPT), str(state), mode]
            process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        started.append(Launcher(process, state, output))
        return started[-1]

    yield start
    for launcher in started:
        if launcher.process.poll() is None:
            launcher.ends(signal.SIGTERM)
    eventually(lambda: child_pids(state) == [])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_prints_one_table_and_stops_cleanly_when_asked(
    launch: Launch, state: Path, how: signal.Signals
) -> None:
    launcher = launch().up()
    assert httpx.get(launcher.run_json()["urls"]["first"], trust_env=False).is_success
    assert launcher.ends(how) == 0
    assert child_pids(state) == []
    assert not (state / "run.json").exists()
    assert not (state / "env").exists()


def test_the_running_system_tells_others_how_to_reach_it_and_nobody_else(launch: Launch, state: Path) -> None:
    run_json = launch().up().run_json()["env"]
    assert {(state / name).stat().st_mode & 0o777 for name in ("run.json", "env")} == {0o600}
    sourced = subprocess.run(
        ["/bin/sh", "-c", f'. {state}/env; echo "$DATABASE_URL $ODD"'], capture_output=True, check=True
    )
    assert sourced.stdout.decode().strip() == f"{run_json['DATABASE_URL']} it's"


def test_the_table_shows_no_password(launch: Launch) -> None:
    launcher = launch().up()
    password = launcher.run_json()["env"]["DATABASE_URL"].split("@")[0].rsplit(":", 1)[1]
    assert len(password) > 20
    assert password not in launcher.printed


def test_data_survives_a_restart_and_a_kill_of_everything(launch: Launch, state: Path) -> None:
    first = launch().up()
    asyncio.run(_sql(first, "CREATE TABLE kept AS SELECT 42 AS answer"))
    assert first.ends(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: child_pids(state) == [])
    second = launch().up()
    assert asyncio.run(_sql(second, "SELECT answer FROM kept")) == 42
    assert second.ends(signal.SIGINT) == 0
    assert asyncio.run(_sql(launch().up(), "SELECT answer FROM kept")) == 42


def test_the_demo_waits_for_a_system_that_is_still_starting_and_trusts_no_file_of_a_killed_one(
    launch: Launch, state: Path
) -> None:
    killed = launch().up()
    old = killed.run_json()["env"]
    assert runfile.running_environment(state) == old
    killed.ends(signal.SIGKILL)
    assert (state / "run.json").exists()
    assert runfile.running_environment(state) is None
    launcher = launch()
    eventually(lambda: str(launcher.process.pid) in (state / "lock").read_text())
    assert runfile.running_environment(state) == launcher.up().run_json()["env"]


def test_a_service_that_falls_is_reported_with_its_last_words_and_all_stop(
    launch: Launch, state: Path
) -> None:
    launcher = launch("fall")
    assert launcher.ends() == 1
    assert "second ended unexpectedly with exit code 3" in launcher.printed
    assert "the last words" in launcher.printed
    assert child_pids(state) == []


def test_a_task_that_fails_stops_the_start_with_its_reason(launch: Launch, state: Path) -> None:
    launcher = launch("refuse")
    assert launcher.ends() == 1
    assert "task ended unexpectedly with exit code 4" in launcher.printed
    assert "not today" in launcher.printed
    assert child_pids(state) == []


def test_a_service_that_never_answers_is_named_with_its_url(launch: Launch, state: Path) -> None:
    launcher = launch("mute")
    assert launcher.ends() == 1
    assert "second does not answer on http://127.0.0.1:" in launcher.printed
    assert child_pids(state) == []


def test_a_server_that_dies_takes_everything_down_with_a_reason(launch: Launch, state: Path) -> None:
    launcher = launch().up()
    broker = next(pid for pid in child_pids(state) if "nats-server" in _command(pid))
    os.kill(broker, signal.SIGKILL)
    assert launcher.ends() == 1
    assert "nats ended unexpectedly" in launcher.printed
    assert child_pids(state) == []


def test_a_second_launcher_in_the_same_checkout_says_so_and_changes_nothing(launch: Launch) -> None:
    first = launch().up()
    second = launch()
    assert second.ends() == 1
    assert f"already runs from this checkout (pid {first.process.pid})" in second.printed
    assert httpx.get(first.run_json()["urls"]["first"], trust_env=False).is_success


def test_a_taken_port_moves_and_the_table_says_so(launch: Launch) -> None:
    with taken(8000):
        launcher = launch().up()
    assert "port 8000 was taken: 8" in launcher.printed
    assert launcher.run_json()["urls"]["first"] != "http://127.0.0.1:8000"


@contextmanager
def taken(port: int, patience: float = 5.0) -> Iterator[None]:
    """Held by us, unless somebody holds it all the time; whoever does so for a moment only is waited for."""
    until = time.monotonic() + patience
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while time.monotonic() < until:
            try:
                squatter.bind(("127.0.0.1", port))
                squatter.listen()
                break
            except OSError:
                time.sleep(0.02)
        yield


def eventually(true: Callable[[], bool], deadline: float = 15.0) -> None:
    until = time.monotonic() + deadline
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def child_pids(state: Path) -> list[int]:
    """Every living program that serves this state folder, the launcher aside."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _serves(pid, state) and str(_SCRIPT) not in _command(pid)]


def _serves(pid: int, state: Path) -> bool:
    if str(state) in _command(pid):
        return True
    try:
        return Path(f"/proc/{pid}/cwd").resolve().is_relative_to(state)
    except OSError:
        return False


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


async def _sql(launcher: Launcher, statement: str) -> object:
    connection = await asyncpg.connect(launcher.run_json()["env"]["DATABASE_URL"])
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
