"""Account provisioning: opens the account of a running subscription once, whichever event comes first."""

from collections.abc import Sequence

import msgspec

from billing_worker.rules.account_holder import account_holder, known_account, new_account
from billing_worker.rules.device_link import link_devices_of
from billing_worker.rules.second_subscription import sync_second_subscription
from billing_worker.rules.timeline import add_entry
from billing_worker.rules.unknown_owner import sync_unknown_owner
from egpay.domain.account import Account
from egpay.domain.books import Books
from egpay.domain.commands import ExpireCheckoutPages, IdentifyOwner, SendIntroduction, SendLetter
from egpay.domain.events import EventBase
from egpay.domain.letters import LetterKind, letter_key
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId


def provision_account_if_due(books: Books, subscription: Subscription, cause: EventBase) -> Books:
    """Open the account that a running subscription belongs to, and tell its admin.

    The identity is the admin's e-mail on the sale, never what was typed at Checkout. Where no sale of ours began the
    subscription, it is the organisation that holds its customer, before the customer's e-mail, for which a command
    asks the provider. The owner of a subscription that is older than our right to it is not written to.
    """
    if not subscription.awaits_provisioning:
        return sync_unknown_owner(books, subscription, cause) if subscription.owner_unknown else books
    account = None if subscription.sale_id else books.account_of_customer(subscription.customer_id)
    before = [account] if account else []
    if account is None:
        holder = account_holder(books, subscription)
        if holder is None:
            return books.with_commands(request_owner(subscription, cause, again=subscription.owner_unknown))
        before = books.accounts_of(holder.email_key)
        account = known_account(before, holder) or new_account(before, holder, subscription.id)
        if account not in before:
            books = link_devices_of(books.with_account(account), account)
    news = _news(account, before)
    books = _told(books, account, before, subscription, cause)
    welcomed = msgspec.structs.replace(
        subscription, welcomed=True, owner_unknown=False, organisation_id=account.organisation.id
    )
    books = add_entry(
        books.with_subscription(welcomed),
        cause,
        f"account.{news}",
        f"{_IN_WORDS[news]}: {account.organisation.id}",
        about=subscription.sale_id or subscription.id,
        sale_id=subscription.sale_id,
    ).with_commands(_expiry(welcomed, account, cause))
    if subscription.owner_unknown:
        books = sync_unknown_owner(books, welcomed, cause)
    return sync_second_subscription(books, subscription, welcomed, cause)


_IN_WORDS = {
    "opened": "organisation and admin user created",
    "added": "organisation created for an admin who has another one",
    "returned": "its owner has an account already; it is used again",
}


def _news(account: Account, before: Sequence[Account]) -> str:
    if any(each.organisation.id == account.organisation.id for each in before):
        return "returned"
    return "added" if before else "opened"


def _told(
    books: Books, account: Account, before: Sequence[Account], subscription: Subscription, cause: EventBase
) -> Books:
    """Tell the admin, unless the subscription is adopted: a look at an old account writes to no one."""
    kind = None if subscription.adopted else _letter(books, account, before, subscription)
    if kind is None:
        return books
    organisation, sale = account.organisation.id, subscription.sale_id
    key = letter_key(kind, organisation=organisation, sale=sale or "")
    if kind is LetterKind.INTRODUCTION:
        return books.with_commands(
            SendIntroduction(
                id=key,
                occurred_at=cause.occurred_at,
                source=cause.source,
                sale_id=sale,
                organisation_id=organisation,
            )
        )
    return books.with_commands(
        SendLetter(
            id=key,
            kind=kind,
            occurred_at=cause.occurred_at,
            source=cause.source,
            sale_id=sale,
            organisation_id=organisation,
        )
    )


def _letter(
    books: Books, account: Account, before: Sequence[Account], subscription: Subscription
) -> LetterKind | None:
    news = _news(account, before)
    if news == "opened":
        return LetterKind.INTRODUCTION
    if news == "added":
        return LetterKind.ORGANISATION_ADDED
    if subscription.sale_id is None or account not in before or _is_provisioned(books, subscription):
        return None
    return LetterKind.ACCOUNT_USED_AGAIN


def _is_provisioned(books: Books, subscription: Subscription) -> bool:
    """Whether the same sale has an account by another subscription, which this one replaces or doubles."""
    return any(one.sale_id == subscription.sale_id and one.welcomed for one in books.subscriptions)


def request_owner(subscription: Subscription, cause: EventBase, *, again: bool) -> IdentifyOwner:
    """Request the owner from the provider: once, and `again` once for each event that may have changed the answer."""
    return IdentifyOwner(
        id=MessageId(f"owner:{subscription.id}:{cause.id}" if again else f"owner:{subscription.id}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        subscription_id=subscription.id,
    )


def _expiry(subscription: Subscription, account: Account, cause: EventBase) -> ExpireCheckoutPages:
    return ExpireCheckoutPages(
        id=MessageId(f"expire-pages:{subscription.id}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=subscription.sale_id,
        subscription_id=subscription.id,
        organisation_id=account.organisation.id,
    )
