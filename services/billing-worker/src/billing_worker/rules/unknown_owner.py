"""Unknown owner: a case while a subscription of ours runs and only a person can say whose it is."""

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import CaseKind
from egpay.domain.events import EventBase
from egpay.domain.subscription import Subscription


def sync_unknown_owner(books: Books, subscription: Subscription, cause: EventBase) -> Books:
    """Keep a case open while the account of a subscription is due and the provider has no e-mail of its owner.

    A person adds the e-mail to the customer at the provider, which reports it, or ends the subscription there.
    """
    case = state_case(
        CaseKind.UNKNOWN_OWNER,
        subscription.id,
        subject=subscription.id,
        what=f"the customer of {subscription.id} has no e-mail, or was deleted",
        opened_at=cause.occurred_at,
        about=(subscription.id,),
    )
    return sync_case(books, case, stands=subscription.lacks_owner, cause=cause)
