"""NATS subject algebra: computes which patterns cover which, so that filters are only ever widened.

`*` stands for one token, a final `>` for one or more (docs.nats.io/nats-concepts/subjects).
"""

from collections.abc import Sequence


def covers(pattern: str, subject: str) -> bool:
    """Whether `pattern` matches every subject that `subject`, itself maybe a pattern, matches."""
    wide, narrow = pattern.split("."), subject.split(".")
    for position, part in enumerate(wide):
        if part == ">":
            return len(narrow) > position
        if position >= len(narrow) or narrow[position] == ">":
            return False
        if part not in ("*", narrow[position]):
            return False
    return len(wide) == len(narrow)


def missing(wanted: Sequence[str], actual: Sequence[str]) -> list[str]:
    """The wanted subjects that none of the actual ones covers."""
    return [subject for subject in wanted if not any(covers(pattern, subject) for pattern in actual)]


def union(actual: Sequence[str] | None, wanted: Sequence[str] | None) -> list[str]:
    """Both, less those that another covers: the server refuses overlapping filters (error 10138)."""
    both = list(dict.fromkeys([*(actual or ()), *(wanted or ())]))
    return [
        subject for subject in both if not any(covers(other, subject) for other in both if other != subject)
    ]
