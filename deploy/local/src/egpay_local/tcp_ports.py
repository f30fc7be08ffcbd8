"""Port reservation: a taken port is replaced by the next of its family; two launchers never share one.

A reservation is a name in Linux's abstract socket namespace. It vanishes with its holder, needs no file and
no right, and covers the moment between "this port is free" and "our server listens on it".
"""

import itertools
import random
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
_STEP = 100
_TRIES = 50


class NoFreePort(Exception):
    """Every candidate port is taken."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that is ours for as long as its block lasts."""

    number: int
    moved_from: int | None = None


@contextmanager
def reserved(preferred: int | None = None) -> Iterator[Port]:
    """Reserves the preferred port or one 100, 200, ... further; without a preference any free one."""
    candidates = range(preferred, 65_536, _STEP) if preferred else _anywhere()
    for number in itertools.islice(candidates, _TRIES):
        with _claimed(number) as ours:
            if ours and is_free(number):
                yield Port(number, preferred if preferred not in {None, number} else None)
                return
    raise NoFreePort(f"no free port from {preferred or 'any'} on {LOOPBACK} after {_TRIES} tries")


def is_free(number: int) -> bool:
    """Whether no process listens there; connections that are merely closing do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _binds(probe, (LOOPBACK, number))


@contextmanager
def _claimed(number: int) -> Iterator[bool]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
        yield sys.platform != "linux" or _binds(claim, f"\0egpay-port-{number}")


def _binds(claim: socket.socket, address: str | tuple[str, int]) -> bool:
    try:
        claim.bind(address)
    except OSError:
        return False
    return True


def _anywhere() -> Iterator[int]:
    """Draws ports below the range that the kernel uses for outgoing connections."""
    while True:
        yield random.randrange(20_000, 32_768)  # noqa: S311  a port is no secret
