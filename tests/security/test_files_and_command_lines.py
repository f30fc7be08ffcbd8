"""What the running system keeps secret is readable for its own account only, and stands on no command line."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from egpay_system import EgpaySystem

from egpay_local import os_account
from egpay_local.backing.embedded import scratch

pytestmark = pytest.mark.integration
LOOSE = ("sandbox/sandbox.sqlite3", "sandbox/sandbox.sqlite3-wal", "logs/old.previous.log", "secrets.old")
"""Files of an earlier release, readable for everyone."""
DEADLINE = 90.0
with_launchers = pytest.mark.xdist_group("deploy/local/tests")
"""One process for all that a launcher is started for: they take the same ports."""


@dataclass
class CommandLines:
    """Every command line that was seen, also of a program that ended at once."""

    seen: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (line := _read(folder / "cmdline")):
                self.seen.add(line)

    def keep_looking(self) -> None:
        while not self.ended.wait(0.02):
            self.look()


@dataclass
class LocalSystem:
    """`make up` in a process of its own, under the loosest umask, over the files of an earlier release."""

    state: Path
    lines: CommandLines
    env: dict[str, str]


@pytest.fixture(scope="module")
def local() -> Iterator[LocalSystem]:
    with scratch() as folder, _watched() as lines:
        state = folder / "state"
        for name in LOOSE:
            (state / name).parent.mkdir(parents=True, exist_ok=True)
            (state / name).touch()
            (state / name).chmod(0o666)
        (state / "sandbox").chmod(0o777)
        command = [sys.executable, "-m", "egpay_local", "--state", str(state), "up"]
        output = folder / "output"
        with output.open("wb") as out, _started(command, out) as launcher:
            until = time.monotonic() + DEADLINE
            while not (state / "run.json").exists():
                assert launcher.poll() is None, output.read_text()
                assert time.monotonic() < until, output.read_text()
                time.sleep(0.05)
            yield LocalSystem(state, lines, json.loads((state / "run.json").read_text())["env"])


@contextmanager
def _watched() -> Iterator[CommandLines]:
    lines = CommandLines()
    thread = threading.Thread(target=lines.keep_looking)
    thread.start()
    try:
        yield lines
    finally:
        lines.ended.set()
        thread.join()


@contextmanager
def _started(command: list[str], out: object) -> Iterator["subprocess.Popen[bytes]"]:
    launcher = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, umask=0)  # type: ignore[call-overload]
    try:
        yield launcher
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.wait(30)


@with_launchers
def test_no_file_of_a_running_system_gives_a_right_to_group_or_others(local: LocalSystem) -> None:
    """PostgreSQL refuses root; where root runs it, the group of its account may pass through two folders.

    To pass (x) is neither to list nor to read, so that its own folder below can be reached and no other file
    can. Everywhere else, and for every other account, there is no exception.
    """
    group = os_account.for_postgres().gid
    passable = set() if group is None else {local.state, (local.state / "servers").resolve()}
    found = {path: path.lstat() for path in _everything_below(local.state)}
    assert len(found) > 500, "PostgreSQL's files are among them"
    assert {local.state / name for name in LOOSE} <= found.keys()
    rights = {
        path: state.st_mode & 0o077
        for path, state in found.items()
        if not stat.S_ISLNK(state.st_mode) and state.st_mode & 0o077
    }
    assert rights == dict.fromkeys(passable, 0o010)
    assert {found[path].st_gid for path in passable} <= {group}


@with_launchers
def test_what_is_written_in_a_purchase_is_private_too(local: LocalSystem) -> None:
    bought = subprocess.run(
        [sys.executable, "-m", "egpay_local", "--state", str(local.state), "demo"],
        capture_output=True,
        text=True,
        check=False,
        umask=0,
    )
    assert bought.returncode == 0, bought.stdout + bought.stderr
    test_no_file_of_a_running_system_gives_a_right_to_group_or_others(local)


@with_launchers
def test_no_command_line_of_the_whole_start_holds_a_secret(local: LocalSystem) -> None:
    secrets = _secrets(local)
    assert len(secrets) >= 6
    own = [line for line in local.lines.seen if str(local.state) in line or "egpay" in line]
    assert any("migrate" in line for line in own), "a program that ends at once was seen"
    assert any("egpay-sandbox" in line for line in own)
    assert [line for line in local.lines.seen if any(secret in line for secret in secrets)] == []


def test_no_command_line_of_a_systems_test_holds_a_secret(dirty_system: EgpaySystem) -> None:
    lines = CommandLines()
    lines.look()
    secrets = _values(dirty_system.env)
    for service in ("checkout-api", "billing-worker"):
        secrets |= _values(_environment_of(dirty_system.process(service).pid))
    assert any("egpay-sandbox" in line for line in lines.seen)
    assert [line for line in lines.seen if any(secret in line for secret in secrets)] == []


def _everything_below(state: Path) -> Iterator[Path]:
    for top in {state, (state / "servers").resolve()}:
        yield top
        for where, folders, files in os.walk(top):
            yield from (Path(where, name) for name in (*folders, *files))


def _secrets(local: LocalSystem) -> set[str]:
    """Every secret: generated ones, the owner's password, and those that only a service's environment holds."""
    stored = json.loads((local.state / "secrets.json").read_text())
    kept = {*stored.pop("role_passwords").values(), *stored.values()}
    services = [folder for folder in Path("/proc").iterdir() if _serves(folder, local)]
    assert len(services) >= 2
    given = set().union(*(_values(_environment_of(int(folder.name))) for folder in services))
    return kept | _values(local.env) | given


def _serves(process: Path, local: LocalSystem) -> bool:
    service = re.search(r"/(checkout-api|billing-worker)\0", _read(process / "cmdline"))
    return bool(service) and _environment_of(int(process.name)).get("PUBLIC_URL") == local.env["PUBLIC_URL"]


def _values(env: dict[str, str]) -> set[str]:
    named = {value for name, value in env.items() if re.search("SECRET|PASSWORD|_KEY$", name) and value}
    urls = (urlsplit(value).password for name, value in env.items() if name.endswith("_URL"))
    listed = (part for value in named for part in value.split(","))
    return {*listed, *(password for password in urls if password)}


def _environment_of(pid: int) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in _read(Path(f"/proc/{pid}/environ")).split("\0"))
    return {name: value for name, _, value in pairs}


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
