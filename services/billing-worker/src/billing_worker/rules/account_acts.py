"""Account acts: an operator has an admin invited again, or corrects the e-mail by which the admin is known."""

import msgspec

from billing_worker.rules.acts import act_of, record_act
from egpay.domain.account import Account, UserStatus
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.commands import SendIntroduction
from egpay.domain.events import EmailCorrected, IntroductionRequested
from egpay.domain.values import EmailKey, MessageId, OrganisationId, email_key


def introduce_again(books: Books, event: IntroductionRequested) -> Books:
    """Have the admin invited under a new link; any earlier one ends with this.

    Raises ImpossibleAct when there is no such organisation, or its admin has entered.
    """
    account = _account(books, event.organisation_id)
    if account.admin.status is UserStatus.ACTIVE:
        raise ImpossibleAct("its admin has entered already")
    books = record_act(books, event, "introduction.requested", "introduction requested")
    return books.with_commands(_introduction(event))


def correct_email(books: Books, event: EmailCorrected) -> Books:
    """Give the admin and the organisation's orders the right address, and have it invited; any earlier link ends.

    The e-mail is the identity of an account and of its orders, so that both change together. An e-mail that is an
    admin's already would be two accounts of one person, which egpay does not merge. Raises ImpossibleAct then, where
    the admin has other organisations, and where a person has entered with the old one and is not to be evicted. Under the
    same address an eviction lets its owner enter again, as after a redeemed link whose answer was lost.
    """
    account, email = _account(books, event.organisation_id), act_of(books, event).arguments.email
    if not email:
        raise ImpossibleAct("it names no e-mail")
    old, new = account.admin.email_key, email_key(email)
    _check(books, account, event, email, new)
    admin = msgspec.structs.replace(account.admin, email=email, email_key=new, status=UserStatus.INVITED)
    books = books.with_account(msgspec.structs.replace(account, admin=admin))
    for name in event.sales:
        sale = books.sale(name)
        if sale is not None and sale.email_key == old:
            books = books.with_sale(msgspec.structs.replace(sale, email=email, email_key=new))
    books = record_act(books, event, "account.email_corrected", "the admin's e-mail was corrected")
    return books.with_commands(_introduction(event))


def _check(books: Books, account: Account, event: EmailCorrected, email: str, key: EmailKey) -> None:
    admin = account.admin
    evicted = event.evict and admin.status is UserStatus.ACTIVE
    if admin.email == email and not evicted:
        raise ImpossibleAct("that is its admin's e-mail already")
    if len(books.accounts_of(admin.email_key)) > 1:
        raise ImpossibleAct(
            "its admin has other organisations: one e-mail cannot be corrected for one of them"
        )
    if key != admin.email_key and (others := books.accounts_of(key)):
        raise ImpossibleAct(f"that e-mail is the admin's of {others[0].organisation.id}: take another one")
    if admin.status is UserStatus.ACTIVE and not event.evict:
        raise ImpossibleAct("a person has entered with the old e-mail: --evict takes the account from them")


def _account(books: Books, organisation: OrganisationId) -> Account:
    account = books.written.accounts.get(organisation) or books.loaded.accounts.get(organisation)
    if account is None:
        raise ImpossibleAct(f"there is no organisation {organisation} with an admin")
    return account


def _introduction(event: IntroductionRequested | EmailCorrected) -> SendIntroduction:
    """Build the command under the act's key, from which its link follows."""
    return SendIntroduction(
        id=MessageId(f"introduction:{event.organisation_id}:{event.id}"),
        occurred_at=event.occurred_at,
        source=event.source,
        sale_id=event.sale_id,
        organisation_id=event.organisation_id,
    )
