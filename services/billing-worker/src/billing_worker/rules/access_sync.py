"""Access sync: derives the access of the organisations that an event touches, and tells the product of a change."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from egpay.domain.access import GRACE_DAYS, access_of
from egpay.domain.books import Books
from egpay.domain.events import EventBase
from egpay.domain.public_events import AccessChanged, PublicObject, public_id
from egpay.domain.subscription import Subscription
from egpay.domain.values import OrganisationId


def sync_changed_access(books: Books, cause: EventBase) -> Books:
    """Derive access again where an event changed a fact that it follows from; most events change none."""
    touched: dict[OrganisationId, None] = {}
    for key, after in books.written.subscriptions.items():
        before = books.loaded.subscriptions.get(key)
        if before is None or _facts(before) != _facts(after):
            touched |= {one.organisation_id: None for one in (before, after) if one and one.organisation_id}
    for organisation in touched:
        books = sync_access(books, organisation, cause)
    return books


def sync_access(
    books: Books, organisation: OrganisationId, cause: EventBase, *, elapsed: datetime | None = None
) -> Books:
    """Store the access of an organisation under its next version, unless it is as before.

    `elapsed` is the end of a grace period that is known to have passed.
    """
    subscriptions = books.subscriptions_of(organisation)
    if not subscriptions:
        return books
    known, this = books.access(organisation), books.installation
    passed = max((one for one in (elapsed, known and known.elapsed) if one), default=None)
    grace = timedelta(days=this.access_grace_days if this else GRACE_DAYS)
    version = known.version if known else 0
    now = access_of(organisation, subscriptions, grace=grace, elapsed=passed)
    now = msgspec.structs.replace(now, version=version)
    if now == known:
        return books
    now = msgspec.structs.replace(now, version=version + 1)
    news = AccessChanged(
        id=public_id(PublicObject.ACCESS.of(organisation), now.version),
        occurred_at=cause.occurred_at,
        source=cause.source,
        version=now.version,
        organisation_id=organisation,
        access=now.level,
        why=now.why,
        seats=now.seats,
        until=now.until,
        plan=now.plan,
    )
    return books.with_access(now, news)


def _facts(one: Subscription) -> tuple[Any, ...]:
    """All that access follows from."""
    standing = one.organisation_id, one.status, one.settled, one.cancel_at
    return *standing, one.plan, one.quantity, one.overdue_since, one.started_at
