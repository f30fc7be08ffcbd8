"""The operator's `egpay`: prepare the system, look into a sale, and mend what is stuck.

Exit codes: 0 done, 1 failed or a person must act, 2 wrong usage, or a configuration or file that is not usable.
`--json` prints for programs; a failure is then `{"error": {"code", "message"}}` on stdout.
"""

import sys
from typing import Annotated

import typer

from egpay_cli.failures import code_of, say_failure
from egpay_cli.lazy_commands import LazyCommands

app = typer.Typer(cls=LazyCommands, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"egpay {version('egpay-cli')}")
        raise typer.Exit


@app.callback()
def egpay(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Carry out one command."""


def main() -> None:
    """Run the command; an expected error ends in one line or, with --json, in one object, not in a traceback."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=not as_json)
    except Exception as fault:
        code = code_of(fault)
        if code is None:
            raise
        say_failure(fault, as_json=as_json)
    raise SystemExit(code or 0)
