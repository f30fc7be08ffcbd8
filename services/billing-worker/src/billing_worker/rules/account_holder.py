"""Account holder: finds the account that a subscription belongs to, the same one in every order of events.

An account is an organisation of one e-mail. A sale names both, so that it belongs to the organisation of that name,
compared only among the e-mail's own: anybody can type a name. What was made at the provider names an e-mail alone.
"""

from collections.abc import Sequence

import msgspec

from egpay.domain.account import Account, Organisation, OrganisationSource, open_account, open_another
from egpay.domain.books import Books
from egpay.domain.order import fold_name
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, SubscriptionId


class AccountHolder(msgspec.Struct, frozen=True, kw_only=True):
    """Holder of the account, as the sale says or, without a sale, the provider.

    `another` is whether the order named another organisation than the ones its e-mail had.
    """

    organisation: str
    name: str
    email: str
    email_key: EmailKey
    source: OrganisationSource
    another: bool = False


def account_holder(books: Books, subscription: Subscription) -> AccountHolder | None:
    """The holder by the sale's admin e-mail, else by the provider's customer; None before the provider was asked."""
    sale = books.sale(subscription.sale_id)
    known = sale or books.owner(subscription.id)
    if known is None:
        return None
    return AccountHolder(
        organisation=known.organisation,
        name=known.name,
        email=known.email,
        email_key=known.email_key,
        source=OrganisationSource.SALE if sale else OrganisationSource.EXTERNAL,
        another=sale is not None and sale.another_organisation,
    )


def known_account(own: Sequence[Account], holder: AccountHolder) -> Account | None:
    """The account that is used again: of the e-mail's own, the organisation of that name.

    What was made at the provider goes to the e-mail's first organisation if none has the name, which is a customer's
    there. An organisation that was opened so takes the name of the e-mail's first order, which may be reported later.
    """
    wanted = fold_name(holder.organisation)
    named = next((one for one in own if fold_name(one.organisation.name) == wanted), None)
    first = next((one for one in own if one.is_first), None)
    if named or first is None or holder.source is OrganisationSource.EXTERNAL:
        return named or first
    if holder.another or first.organisation.source is OrganisationSource.SALE:
        return None
    renamed = Organisation(id=first.organisation.id, name=holder.organisation, source=holder.source)
    return msgspec.structs.replace(first, organisation=renamed)


def new_account(own: Sequence[Account], holder: AccountHolder, opened_by: SubscriptionId) -> Account:
    """Open the account: its admin is the user of the e-mail's own accounts, or a new one."""
    if own:
        return open_another(organisation=holder.organisation, admin=own[0].admin, opened_by=opened_by)
    return open_account(
        organisation=holder.organisation,
        name=holder.name,
        email=holder.email,
        key=holder.email_key,
        opened_by=opened_by,
        source=holder.source,
    )
