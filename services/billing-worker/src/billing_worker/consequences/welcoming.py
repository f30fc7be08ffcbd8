"""Whoever holds a running subscription is let in: once, whatever tells us first that it runs."""

import msgspec

from billing_worker.consequences.entries import noting
from egpay.domain.account import open_account
from egpay.domain.books import Books
from egpay.domain.commands import SendIntroduction
from egpay.domain.events import Fact
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId


def welcome_if_due(books: Books, subscription: Subscription, because: Fact) -> Books:
    """Open the account that a running subscription of one of our sales belongs to, and introduce its admin.

    The identity is the admin's e-mail on the sale, never what was typed at Checkout. An e-mail that has an account
    already keeps it, and is not introduced again. A subscription that no sale of ours began is only mirrored.
    """
    sale = books.sale(subscription.sale_id)
    if sale is None or not subscription.awaits_welcome:
        return books
    account = books.account(sale.email_key)
    if account is None:
        account = open_account(
            organisation=sale.organisation,
            name=sale.name,
            email=sale.email,
            key=sale.email_key,
            opened_by=subscription.id,
        )
        books = books.with_account(account).wanting(
            SendIntroduction(
                id=MessageId(f"introduction:{account.organisation.id}"),
                occurred_at=because.occurred_at,
                source=because.source,
                sale_id=sale.id,
                organisation_id=account.organisation.id,
            )
        )
        kind, what = "account.opened", "organisation and admin user created"
    else:
        kind, what = "account.returned", "the admin's e-mail has an account already; it is used again"
    welcomed = msgspec.structs.replace(subscription, welcomed=True, organisation_id=account.organisation.id)
    what = f"{what}: {account.organisation.id}"
    return noting(books.with_subscription(welcomed), because, kind, what, about=sale.id, sale_id=sale.id)
