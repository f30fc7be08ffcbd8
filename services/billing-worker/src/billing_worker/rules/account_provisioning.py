"""Account provisioning: opens the account of a running subscription once, whichever event comes first."""

import msgspec

from billing_worker.rules.second_subscription import sync_second_subscription
from billing_worker.rules.timeline import add_entry
from billing_worker.rules.unknown_owner import sync_unknown_owner
from egpay.domain.account import Account, OrganisationSource, open_account
from egpay.domain.books import Books
from egpay.domain.commands import ExpireCheckoutPages, IdentifyOwner, SendIntroduction
from egpay.domain.events import EventBase
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, MessageId


class AccountHolder(msgspec.Struct, frozen=True, kw_only=True):
    """Holder of the account, as the sale says or, without a sale, the provider."""

    organisation: str
    name: str
    email: str
    email_key: EmailKey
    source: OrganisationSource


def provision_account_if_due(books: Books, subscription: Subscription, cause: EventBase) -> Books:
    """Open the account that a running subscription belongs to, and introduce its admin.

    The identity is the admin's e-mail on the sale, never what was typed at Checkout. Where no sale of ours began the
    subscription, it is the organisation that holds its customer, before the customer's e-mail, for which a command
    asks the provider. An account that is known is used again and not introduced again; nor is the owner of a
    subscription that is older than our right to it.
    """
    if not subscription.awaits_provisioning:
        return sync_unknown_owner(books, subscription, cause) if subscription.owner_unknown else books
    account = None if subscription.sale_id else books.account_of_customer(subscription.customer_id)
    kind, what = "account.returned", "its owner has an account already; it is used again"
    if account is None:
        holder = _holder(books, subscription)
        if holder is None:
            return books.with_commands(request_owner(subscription, cause, again=subscription.owner_unknown))
        account = books.account(holder.email_key)
        if account is None:
            account = _opened(holder, subscription)
            books = _introduced(books.with_account(account), account, subscription, cause)
            kind, what = "account.opened", "organisation and admin user created"
    welcomed = msgspec.structs.replace(
        subscription, welcomed=True, owner_unknown=False, organisation_id=account.organisation.id
    )
    about, what = subscription.sale_id or subscription.id, f"{what}: {account.organisation.id}"
    books = add_entry(
        books.with_subscription(welcomed), cause, kind, what, about=about, sale_id=subscription.sale_id
    ).with_commands(_expiry(welcomed, account, cause))
    if subscription.owner_unknown:
        books = sync_unknown_owner(books, welcomed, cause)
    return sync_second_subscription(books, subscription, welcomed, cause)


def _holder(books: Books, subscription: Subscription) -> AccountHolder | None:
    sale = books.sale(subscription.sale_id)
    known, source = (
        (sale, OrganisationSource.SALE)
        if sale
        else (books.owner(subscription.id), OrganisationSource.EXTERNAL)
    )
    if known is None:
        return None
    return AccountHolder(
        organisation=known.organisation,
        name=known.name,
        email=known.email,
        email_key=known.email_key,
        source=source,
    )


def _opened(holder: AccountHolder, subscription: Subscription) -> Account:
    return open_account(
        organisation=holder.organisation,
        name=holder.name,
        email=holder.email,
        key=holder.email_key,
        opened_by=subscription.id,
        source=holder.source,
    )


def _introduced(books: Books, account: Account, subscription: Subscription, cause: EventBase) -> Books:
    """Ask for the introduction, unless the subscription is adopted: a look at an old account writes to no one."""
    return books if subscription.adopted else books.with_commands(_introduction(account, subscription, cause))


def _introduction(account: Account, subscription: Subscription, cause: EventBase) -> SendIntroduction:
    return SendIntroduction(
        id=MessageId(f"introduction:{account.organisation.id}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=subscription.sale_id,
        organisation_id=account.organisation.id,
    )


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
