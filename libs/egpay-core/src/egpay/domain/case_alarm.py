"""Case alarm: whether a case waits for us too long, or is due soon."""

from datetime import datetime, timedelta

from egpay.domain.case import Case, CaseParty

DUE_SOON = timedelta(hours=48)
"""Before its due time a case raises the alarm whatever else holds: a dispute that is not answered is lost."""


def raises_alarm(case: Case, *, at: datetime, patience: timedelta) -> bool:
    """Whether a person must act now: it waits for us longer than `patience`, or is due within 48 hours.

    Not while the bank decides, nor while it is snoozed, unless it is due.
    """
    if not case.is_open:
        return False
    if case.due_by is not None and at < case.due_by <= at + DUE_SOON:
        return True
    snoozed = case.snoozed_until is not None and case.snoozed_until > at
    return case.waits_for is CaseParty.US and not snoozed and at - case.opened_at > patience
