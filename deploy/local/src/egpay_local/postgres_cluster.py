"""PostgreSQL cluster: creates a data folder with one owner and one generated password, or reuses it."""

import os
import secrets
from pathlib import Path

from egpay_local import environment, os_account, postgres_files, process

OWNER = "egpay"


class PostgresFailed(Exception):
    """PostgreSQL did not start; the message ends with its last output."""


def ensure_cluster(home: Path, installed: Path, account: os_account.OsAccount) -> Path:
    """Returns the data folder below `home`; creates it on the first run with a password of its own."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    account.chown(home)
    data = home / "data"
    if (data / "PG_VERSION").exists() and (home / "password").exists():
        postgres_files.clear_stale_lock(data)
        return data
    postgres_files.discard(data)
    password = home / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    account.chown(password)
    _initdb(home, installed, account)
    return data


def _initdb(home: Path, installed: Path, account: os_account.OsAccount) -> None:
    """Initialises a folder of another name first, so that an interrupted one never passes as a database."""
    fresh = home / "data.new"
    postgres_files.discard(fresh)
    options = ["--no-sync", "--locale=C", "--encoding=UTF8", f"--username={OWNER}", "--auth=scram-sha-256"]
    child = process.spawn(
        "initdb",
        [installed / "bin" / "initdb", "-D", fresh, *options, "--pwfile", home / "password"],
        log=home / "initdb.log",
        env=environment.minimal(),
        cwd=home,
        account=account,
    )
    if child.popen.wait() != 0:
        raise PostgresFailed(f"initdb failed:\n{child.last_lines()}")
    os.sync()  # --no-sync skipped a thousand small fsyncs; this is the same promise in one call
    fresh.rename(home / "data")
