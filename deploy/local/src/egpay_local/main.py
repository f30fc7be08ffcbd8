"""`python -m egpay_local up | demo`: the two commands behind `make up` and `make demo`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from egpay.settings import SettingsError
from egpay_local import paths
from egpay_local.demo_buyer import PurchaseFailed
from egpay_local.nats import NatsFailed
from egpay_local.os_account import NoOsAccount
from egpay_local.postgres_cluster import PostgresFailed
from egpay_local.process_supervisor import ProcessFailed
from egpay_local.runfile import AlreadyRunning
from egpay_local.stop_signals import Stopped
from egpay_local.stripe_keys import WrongKeys
from egpay_local.tcp_ports import NoFreePort

_EXPECTED = (
    AlreadyRunning,
    ProcessFailed,
    NatsFailed,
    NoOsAccount,
    NoFreePort,
    PurchaseFailed,
    PermissionError,
    PostgresFailed,
    WrongKeys,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 on success (Ctrl-C is that, too), 1 with the reason on a failure, 2 for malformed settings."""
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    return reporting(lambda: command(chosen))


def reporting(command: Callable[[], int | None]) -> int:
    """Reports a foreseeable failure in words, not in a traceback."""
    try:
        return command() or 0
    except (Stopped, KeyboardInterrupt):
        return 0
    except _EXPECTED as reason:
        sys.stderr.write(f"egpay: {reason}\n")
        return 1
    except SettingsError as faults:
        sys.stderr.write(f"egpay: {faults}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="egpay-local", description=__doc__)
    parser.add_argument("--state", type=Path, default=paths.CHECKOUT / ".egpay", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="start everything and serve until Ctrl-C")
    up.set_defaults(command=_up)
    demo = commands.add_parser(
        "demo", help="one complete purchase, against a running system or one of its own"
    )
    demo.add_argument("--api", help="URL of checkout-api (default: the running `make up`)")
    demo.add_argument("--sandbox", help="URL of the sandbox; together with --api")
    demo.add_argument(
        "--egpay", help="how the operator's command is called there (default: the one beside us)"
    )
    demo.set_defaults(command=_demo)
    return parser


def _up(chosen: argparse.Namespace) -> int:
    from egpay_local.up import up

    up(paths.prepare(chosen.state))
    return 0


def _demo(chosen: argparse.Namespace) -> int:
    from egpay_local.demo import demo

    demo(paths.prepare(chosen.state), chosen.api, chosen.sandbox, chosen.egpay)
    return 0
