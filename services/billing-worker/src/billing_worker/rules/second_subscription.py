"""Second subscription: a case while one organisation pays for two that go on, in any order of events."""

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import CaseKind, case_id
from egpay.domain.events import EventBase
from egpay.domain.subscription import Subscription
from egpay.domain.values import OrganisationId

KIND = CaseKind.SECOND_SUBSCRIPTION


def sync_second_subscription(
    books: Books, before: Subscription | None, after: Subscription, cause: EventBase
) -> Books:
    """Ask again after a change of a subscription whether its organisation has two that go on.

    Neither is wrong (two tabs, a change of mind that is taken back), so a person decides.
    """
    organisation = after.organisation_id
    if organisation is None:
        return books
    changed = before is None or (before.organisation_id, before.goes_on) != (organisation, after.goes_on)
    if not changed and books.case(case_id(KIND, organisation)) is None:
        return books
    return _sync(books, organisation, cause)


def _sync(books: Books, organisation: OrganisationId, cause: EventBase) -> Books:
    running = tuple(sorted(each.id for each in books.running_subscriptions(organisation)))
    case = state_case(
        KIND,
        organisation,
        subject=organisation,
        what=f"one organisation pays for {' and '.join(running)}",
        opened_at=cause.occurred_at,
        about=running,
    )
    return sync_case(books, case, stands=len(running) > 1, cause=cause)
