import pytest

from egpay.adapters.nats.subjects import covers, missing, union


@pytest.mark.parametrize(
    ("pattern", "subject", "answer"),
    [
        ("billing.events.paid", "billing.events.paid", True),
        ("billing.events.*", "billing.events.paid", True),
        ("billing.events.*", "billing.events.*", True),
        ("billing.>", "billing.events.*", True),
        ("billing.>", "billing.events.>", True),
        ("billing.>", "billing", False),
        ("billing.events.paid", "billing.events.*", False),
        ("billing.events.*", "billing.events.>", False),
        ("billing.events.*", "billing.events", False),
        ("billing.events.*", "billing.events.paid.late", False),
        ("billing.*.paid", "billing.events.failed", False),
    ],
)
def test_a_pattern_covers_what_all_its_subjects_do(pattern: str, subject: str, *, answer: bool) -> None:
    assert covers(pattern, subject) is answer


def test_only_what_no_pattern_covers_is_missing() -> None:
    assert missing(["a.x", "a.y", "b.x"], ["a.*"]) == ["b.x"]


def test_a_union_has_no_two_patterns_that_overlap() -> None:
    assert union(["a.x", "b.x"], ["a.*", "c"]) == ["b.x", "a.*", "c"]
    assert union(None, ["a"]) == ["a"]
    assert union(["a"], []) == ["a"]
