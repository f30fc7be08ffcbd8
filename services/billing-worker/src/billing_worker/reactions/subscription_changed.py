"""Subscription changed: mirrors the provider's report; a running one gets its account."""

import msgspec

from billing_worker.rules.account_provisioning import provision_account_if_due
from billing_worker.rules.late_payment import is_late
from billing_worker.rules.overdue_renewal import find_overdue_renewal
from billing_worker.rules.refunded_subscription import sync_refunded_subscription
from billing_worker.rules.second_subscription import sync_second_subscription
from billing_worker.rules.subscription_link import (
    is_unreported,
    name_live_subscription,
    require_sale,
    unreported_subscription,
)
from billing_worker.rules.subscription_mirror import add_change_lines, plan_report
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import RefreshSubscription
from egpay.domain.events import SubscriptionChanged
from egpay.domain.ownership import ours_since
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId


def subscription_changed(event: SubscriptionChanged, books: Books) -> Books:
    """Store the report, and provision the account of a running subscription unless it was done.

    A subscription made to be paid by invoice is a person's grant: it needs no payment. Every report is stored, so
    that an end that arrives first stops a late `active` from provisioning. Where two reports of one second differ, or
    one was dated in the future, a command asks the provider.
    """
    books = _known_to_its_sale(event, books)
    before = books.subscription(event.subscription_id)
    after = _mirrored(event, before, books)
    books = books.with_subscription(after)
    if before is None or before.status is not after.status:
        kind, what = f"subscription.{after.status.value}", f"subscription {after.id} is {after.status.value}"
        books = add_entry(books, event, kind, what, about=after.id, sale_id=after.sale_id)
    books = add_change_lines(books, before, after, event)
    if event.ahead or (after.contested and not (before and before.contested)):
        books = books.with_commands(_question(event, after))
    books = name_live_subscription(books, after.sale_id)
    if after.may_owe:
        books = find_overdue_renewal(books, before, after, event)
    books = sync_second_subscription(books, before, after, event)
    books = sync_refunded_subscription(books, after.id, event)
    return provision_account_if_due(books, after, event)


def _mirrored(event: SubscriptionChanged, before: Subscription | None, books: Books) -> Subscription:
    known = before or unreported_subscription(event.subscription_id)
    after = known.observe(event.report, at=event.occurred_at)
    if (plan := plan_report(event, books)) is not None:
        after = after.observe_plan(plan, at=event.occurred_at)
    after = msgspec.structs.replace(
        after, sale_id=after.sale_id or event.sale_id, started_at=event.created_at or after.started_at
    )
    sale = books.sale(after.sale_id)
    # devices beside the trial are paid at once, maybe by a debit that pends
    free = sale is None or not (sale.total or is_late(sale, event.occurred_at))
    after = after.heard(event.report.status, trial_is_free=free).paid_first(settled=event.by_invoice)
    is_first = before is None or is_unreported(before)
    if is_first and after.sale_id is None:
        return msgspec.structs.replace(after, adopted=_is_older_than_our_right(event, books))
    return after


def _is_older_than_our_right(event: SubscriptionChanged, books: Books) -> bool:
    since = ours_since(event, books)
    return since is not None and event.created_at is not None and event.created_at < since


def _known_to_its_sale(event: SubscriptionChanged, books: Books) -> Books:
    if event.sale_id is None:
        return books
    sale = require_sale(books, event)
    linked = sale.linked(subscription=event.subscription_id, customer=event.report.customer_id)
    return books if linked == sale else books.with_sale(linked)


def _question(event: SubscriptionChanged, subscription: Subscription) -> RefreshSubscription:
    """Ask how it stands: once for each second of a tie, and for each report from the future."""
    asked_by = event.id if event.ahead else int(subscription.reported_at.timestamp())
    return RefreshSubscription(
        id=MessageId(f"refresh:{subscription.id}:{asked_by}"),
        occurred_at=event.occurred_at,
        source=event.source,
        sale_id=subscription.sale_id,
        subscription_id=subscription.id,
    )
