"""Whoever holds a running subscription is let in: once, whatever tells us first that it runs."""

import msgspec

from billing_worker.rules.timeline import noting
from egpay.domain.account import Account, OrganisationSource, open_account
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind
from egpay.domain.commands import IdentifyOwner, SendIntroduction
from egpay.domain.events import Fact
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, MessageId


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be let in, as the sale says or, for want of one, the provider."""

    organisation: str
    name: str
    email: str
    email_key: EmailKey
    source: OrganisationSource


def welcome_if_due(books: Books, subscription: Subscription, because: Fact) -> Books:
    """Open the account that a running subscription belongs to, and introduce its admin.

    The identity is the admin's e-mail on the sale, never what was typed at Checkout. An e-mail that has an account
    already keeps it, and is not introduced again. For a subscription that no sale of ours began, the provider is
    asked whose it is.
    """
    if not subscription.awaits_welcome:
        return books
    holder = _holder(books, subscription)
    if holder is None:
        return books.wanting(_question(subscription, because))
    account = books.account(holder.email_key)
    if account is None:
        account = _opened(holder, subscription)
        books = books.with_account(account).wanting(_introduction(account, subscription, because))
        kind, what = "account.opened", "organisation and admin user created"
    else:
        kind, what = "account.returned", "the admin's e-mail has an account already; it is used again"
    welcomed = msgspec.structs.replace(subscription, welcomed=True, organisation_id=account.organisation.id)
    about, what = subscription.sale_id or subscription.id, f"{what}: {account.organisation.id}"
    books = noting(
        books.with_subscription(welcomed), because, kind, what, about=about, sale_id=subscription.sale_id
    )
    return _case_if_two(books, account, because)


def _holder(books: Books, subscription: Subscription) -> Holder | None:
    sale = books.sale(subscription.sale_id)
    known, source = (
        (sale, OrganisationSource.SALE)
        if sale
        else (books.owner(subscription.id), OrganisationSource.EXTERNAL)
    )
    if known is None:
        return None
    return Holder(
        organisation=known.organisation,
        name=known.name,
        email=known.email,
        email_key=known.email_key,
        source=source,
    )


def _opened(holder: Holder, subscription: Subscription) -> Account:
    return open_account(
        organisation=holder.organisation,
        name=holder.name,
        email=holder.email,
        key=holder.email_key,
        opened_by=subscription.id,
        source=holder.source,
    )


def _introduction(account: Account, subscription: Subscription, because: Fact) -> SendIntroduction:
    return SendIntroduction(
        id=MessageId(f"introduction:{account.organisation.id}"),
        occurred_at=because.occurred_at,
        source=because.source,
        sale_id=subscription.sale_id,
        organisation_id=account.organisation.id,
    )


def _question(subscription: Subscription, because: Fact) -> IdentifyOwner:
    return IdentifyOwner(
        id=MessageId(f"owner:{subscription.id}"),
        occurred_at=because.occurred_at,
        source=because.source,
        subscription_id=subscription.id,
    )


def _case_if_two(books: Books, account: Account, because: Fact) -> Books:
    """Two tabs, two payments: neither subscription is wrong, so a person decides which one is given back."""
    running = books.running_subscriptions(account.organisation.id)
    if len(running) < 2:
        return books
    ids = sorted(each.id for each in running)
    case = Case(
        id=f"{CaseKind.SECOND_SUBSCRIPTION.value}:{':'.join(ids)}",
        kind=CaseKind.SECOND_SUBSCRIPTION,
        subject=account.organisation.id,
        what=f"one account pays for {' and '.join(ids)}",
        opened_at=because.occurred_at,
        cause=because.id,
        sale_id=because.sale_id,
    )
    return books.opening(case)
