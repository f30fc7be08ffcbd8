"""Hostile run: fires requests from several processes, counts the answers, and keeps what must not have come."""

import contextlib
import itertools
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from hostile_requests import HostileRequest
from hostile_signatures import SigningKeys
from raw_connection import Answer, RawConnection, end_each, slow_senders

Draw: TypeAlias = Callable[[Random, SigningKeys], Iterator[HostileRequest]]
SENDERS = 4
PIPELINED = 24
SIDE_BY_SIDE = 32
SLOW = 25
SLOW_PAUSE = 1.0


@dataclass
class Tally:
    """What was sent and answered; `faults` shows the first requests whose answer must not have come."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, request: HostileRequest, answer: Answer | None, keys: SigningKeys) -> None:
        """Count one answer; None is a connection that was closed without one."""
        self.statuses[f"{answer.status}" if answer else "none"] += 1
        fault = _fault(request, answer, keys)
        if fault:
            self.faults[fault] += 1
            if len(self.examples) < 5:
                shown = answer and (answer.status, answer.body[:200])
                self.examples.append(f"{fault}: {request.raw[:400]!r} -> {shown!r}")

    def add(self, other: "Tally") -> None:
        """Add what another sender counted; senders work side by side, so the longest took the time."""
        self.sent += other.sent
        self.statuses += other.statuses
        self.faults += other.faults
        self.examples += other.examples
        self.seconds = max(self.seconds, other.seconds)

    def __str__(self) -> str:
        total = self.sent.total()
        answers = ", ".join(f"{status} x {count:,}" for status, count in sorted(self.statuses.items()))
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.sent.items()))
        rate = total / max(self.seconds, 0.001)
        return f"{total:,} requests in {self.seconds:.0f} s ({rate:,.0f}/s): {kinds}; answers: {answers}"


def fire(port: int, draw: Draw, keys: SigningKeys, *, count: int, seed: int, patience: float) -> Tally:
    """Fire `count` requests of a seed; raises TimeoutError when they take longer than `patience` seconds."""
    whole, share = Tally(), -(-count // SENDERS)
    jobs = [(port, draw, keys, share, f"{seed}:{number}", patience) for number in range(SENDERS)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(SENDERS, mp_context=context) as senders:
        for tally in senders.map(_send, *zip(*jobs, strict=True)):
            whole.add(tally)
    return whole


def _send(port: int, draw: Draw, keys: SigningKeys, count: int, seed: str, patience: float) -> Tally:
    """Send one share: well-framed requests in pipelines, the others each on a connection of its own."""
    tally, began = Tally(), time.monotonic()
    requests = itertools.islice(draw(Random(seed), keys), max(count - SLOW, 0))  # noqa: S311 - a seed repeats it
    connection, whole, open_ended = RawConnection(port), list[HostileRequest](), list[HostileRequest]()
    with contextlib.closing(connection), slow_senders(port, min(SLOW, count)) as slow:
        tally.sent["slow"] += len(slow)
        due = began
        for request in requests:
            tally.sent[request.kind] += 1
            (open_ended if request.ends else whole).append(request)
            if len(whole) == PIPELINED:
                _pipeline(connection, whole, tally, keys)
            if len(open_ended) == SIDE_BY_SIDE:
                _side_by_side(port, open_ended, tally, keys)
            if time.monotonic() > due:
                due = _drip(slow) + SLOW_PAUSE
            if time.monotonic() - began > patience:
                raise TimeoutError(f"{tally.sent.total()} of {count} requests after {patience:.0f} s")
        _pipeline(connection, whole, tally, keys)
        _side_by_side(port, open_ended, tally, keys)
    tally.seconds = time.monotonic() - began
    return tally


def _pipeline(
    connection: RawConnection, requests: list[HostileRequest], tally: Tally, keys: SigningKeys
) -> None:
    """Send all, and again what followed the answer that ended the connection; empties the list."""
    while requests:
        answers = connection.ask([request.raw for request in requests])
        for request, answer in zip(requests, answers, strict=False):
            tally.note(request, answer, keys)
        if not answers:
            tally.note(requests[0], None, keys)
        del requests[: max(len(answers), 1)]


def _side_by_side(port: int, requests: list[HostileRequest], tally: Tally, keys: SigningKeys) -> None:
    heard = end_each(port, [request.raw for request in requests])
    for request, answers in zip(requests, heard, strict=True):
        for answer in answers or (None,):
            tally.note(request, answer, keys)
    requests.clear()


def _drip(slow: list[socket.socket]) -> float:
    for connection in slow:
        with contextlib.suppress(OSError):  # the service has closed it, as it should
            connection.send(b"x")
    return time.monotonic()


def _fault(request: HostileRequest, answer: Answer | None, keys: SigningKeys) -> str | None:
    """Name what is wrong with an answer: our fault, a promise without a time, a success, or a secret in it."""
    if answer is None:
        return None if request.ends else "well-framed and not answered"
    if answer.status >= 500 and answer.status != 503:
        return f"answered {answer.status}"
    if answer.status == 503 and b"\r\nretry-after: " not in answer.head.lower():
        return "503 without Retry-After"
    if request.kind in ("signature", "order") and answer.status < 400:
        return f"{request.kind} answered {answer.status}"
    told = answer.head + answer.body
    if b"Traceback" in told or any(secret.encode() in told for secret in (keys.stripe, keys.warehouse)):
        return "a secret or a traceback in the answer"
    return None
