"""When a case is an alarm: how long it waits for us, who decides, whether it sleeps, when it is due."""

from datetime import timedelta

import msgspec
import pytest

from egpay.domain.case import Case, CaseCloser, CaseKind, CaseParty
from egpay.domain.case_alarm import raises_alarm
from egpay.testing.builders import moment

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOW = moment()


def case(**facts: object) -> Case:
    opened = Case(
        id="dispute:dp_1",
        kind=CaseKind.DISPUTE,
        subject="in_1",
        what="9.00 EUR",
        todo="answer it",
        opened_at=NOW - HOUR,
    )
    return msgspec.structs.replace(opened, **facts)


OLD = NOW - DAY - HOUR
BANK = CaseParty.BANK
ASLEEP = NOW + HOUR


@pytest.mark.parametrize(
    ("facts", "alarm"),
    [
        ({}, False),
        ({"opened_at": NOW - DAY}, False),
        ({"opened_at": OLD}, True),
        ({"opened_at": OLD, "waits_for": BANK}, False),
        ({"opened_at": OLD, "snoozed_until": ASLEEP}, False),
        ({"opened_at": OLD, "snoozed_until": NOW}, True),
        ({"opened_at": OLD, "closed_at": NOW, "closed_by": CaseCloser.PERSON}, False),
        ({"due_by": NOW + 49 * HOUR}, False),
        ({"due_by": NOW + 48 * HOUR}, True),
        ({"due_by": NOW + HOUR, "snoozed_until": ASLEEP}, True),
        ({"due_by": NOW + HOUR, "waits_for": BANK}, True),
        ({"due_by": NOW + HOUR, "closed_at": NOW, "closed_by": CaseCloser.RULE}, False),
        ({"due_by": NOW - HOUR, "opened_at": OLD, "waits_for": BANK}, False),
        ({"due_by": NOW - HOUR, "opened_at": OLD}, True),
        ({"due_by": NOW + 30 * DAY, "opened_at": OLD}, True),
    ],
)
def test_a_case_is_an_alarm_when_it_waits_for_us_too_long_or_is_due_soon(
    facts: dict[str, object], *, alarm: bool
) -> None:
    assert raises_alarm(case(**facts), at=NOW, patience=DAY) is alarm
