"""Fork server for `egpay`: imports it once, then forks each of a hundred runs as its own process.

That the installed command itself starts is seen in the tests of a whole system.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from egpay_cli.lazy_commands import ACTS, COMMANDS

_PRELOADED = (
    "egpay_cli.main",
    *(f"egpay_cli.{name.replace('-', '_')}" for name in COMMANDS),
    *(f"egpay_cli.{module}" for modules in ACTS.values() for module in modules),
    "egpay.adapters.nats.connection",
    "egpay.adapters.postgres.schema.migrate",
    "egpay.adapters.stripe.outbound.history",
    "billing_worker.inbound.fold_batch",
)
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([*_PRELOADED])


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The outcome of a run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


def run_forked(arguments: Sequence[str], env: Mapping[str, str]) -> CommandResult:
    """Runs `egpay` with these arguments in exactly this environment."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _forks.Process(target=_run, args=([*arguments], dict(env), str(out), str(err)))
        process.start()
        process.join()
        return CommandResult(process.exitcode or 0, out.read_text(), err.read_text())


def _run(arguments: list[str], env: dict[str, str], out: str, err: str) -> None:
    from egpay_cli.main import main

    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY), stream.fileno())
    os.environ.clear()  # noqa: TID251 - this process is the program from here on
    os.environ.update(env)  # noqa: TID251
    sys.argv = ["egpay", *arguments]
    main()
