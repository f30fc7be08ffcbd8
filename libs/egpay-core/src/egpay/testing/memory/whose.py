"""In-memory look-ups by e-mail: the organisations and subscriptions of one."""

from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, OrganisationId
from egpay.testing.memory.store import Tables


def organisations_of(tables: Tables, key: EmailKey) -> frozenset[OrganisationId]:
    """The organisations that an e-mail is an admin of."""
    return frozenset(name for name, one in tables.accounts.items() if one.admin.email_key == key)


def subscriptions_of(tables: Tables, key: EmailKey) -> list[Subscription]:
    """The subscriptions of the e-mail's organisations, or of any sale to it, by their ids."""
    sold = {sale.id: sale.subscription_id for sale in tables.sales.values() if sale.email_key == key}
    own, began = organisations_of(tables, key), frozenset(sold.values())
    found = (
        one
        for one in tables.subscriptions.values()
        if one.sale_id in sold or one.id in began or one.organisation_id in own
    )
    return sorted(found, key=lambda one: one.id)
