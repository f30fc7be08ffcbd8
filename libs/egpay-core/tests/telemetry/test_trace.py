"""A trace begun by the caller is kept on every hop; a malformed one is replaced, never passed on."""

import pytest

from egpay.telemetry.trace import current, following, next_hop, trace_id

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


def test_a_hop_stays_in_its_callers_trace_and_sampling_with_an_id_of_its_own() -> None:
    hop = next_hop(CALLER)
    assert trace_id(hop) == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert hop != CALLER
    assert hop.endswith("-00")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        CALLER + "-" + "x" * 5000,
        CALLER + "\r\nNats-Msg-Id: 1",
    ],
)
def test_a_missing_or_malformed_trace_is_replaced(wrong: str | None) -> None:
    assert trace_id(wrong) is None
    fresh = next_hop(wrong)
    assert trace_id(fresh) is not None
    assert len(fresh) == 55


def test_a_later_version_with_more_fields_is_understood() -> None:
    assert trace_id("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more") is not None
    assert len(next_hop("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")) == 55


def test_a_block_works_under_its_trace_and_nobody_else_does() -> None:
    with following(CALLER):
        assert current() == CALLER
        with following(None):
            assert current() is None
        assert current() == CALLER
    assert current() is None
