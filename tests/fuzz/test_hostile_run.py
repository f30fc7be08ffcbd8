"""What `make test-fuzz` relies on: a seed repeats its requests, and an answer that must not come is found."""

import itertools
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hostile_requests import HostileRequest, signed, unsigned
from hostile_run import Tally
from hostile_signatures import SigningKeys
from raw_connection import Answer

KEYS = SigningKeys("whsec_stripe", "whsec_d2FyZWhvdXNld2FyZWhvdXNl", clock=lambda: 1_795_000_000.0)
Draw = Callable[[Random, SigningKeys], Iterator[HostileRequest]]


@pytest.mark.parametrize("draw", [unsigned, signed])
def test_a_seed_repeats_its_requests_byte_for_byte_and_another_draws_others(draw: Draw) -> None:
    first, again, other = (list(itertools.islice(draw(Random(seed), KEYS), 2_000)) for seed in (1, 1, 2))  # noqa: S311
    assert first == again
    assert first != other


def test_every_kind_of_attack_is_among_the_first_ten_thousand() -> None:
    drawn = itertools.islice(unsigned(Random(1), KEYS), 10_000)  # noqa: S311 - a seed repeats it
    assert {request.kind for request in drawn} == {"signature", "order", "reading", "framing", "oversize"}


@pytest.mark.parametrize(
    ("kind", "status", "head", "body", "fault"),
    [
        ("reading", 500, b"", b"", "answered 500"),
        ("framing", 502, b"", b"", "answered 502"),
        ("order", 503, b"\r\nserver: x", b"", "503 without Retry-After"),
        ("signature", 200, b"", b"", "signature answered 200"),
        ("order", 201, b"", b"", "order answered 201"),
        ("reading", 404, b"", b"Traceback (most", "a secret or a traceback in the answer"),
        ("reading", 404, b"\r\nx: whsec_stripe", b"", "a secret or a traceback in the answer"),
        ("order", 503, b"\r\nRetry-After: 5", b"", None),
        ("signed", 200, b"", b"", None),
    ],
)
def test_an_answer_that_must_not_come_is_a_fault_with_its_request(
    kind: str, status: int, head: bytes, body: bytes, fault: str | None
) -> None:
    tally = Tally()
    tally.note(HostileRequest(kind, b"POST"), Answer(status, head, body), KEYS)
    assert list(tally.faults) == ([fault] if fault else [])
    assert len(tally.examples) == len(tally.faults)


def test_a_whole_request_without_an_answer_is_a_fault_and_one_whose_end_is_in_doubt_is_none() -> None:
    tally = Tally()
    tally.note(HostileRequest("framing", b"GET", ends=True), None, KEYS)
    assert tally.faults == {}
    tally.note(HostileRequest("order", b"POST"), None, KEYS)
    assert list(tally.faults) == ["well-framed and not answered"]
