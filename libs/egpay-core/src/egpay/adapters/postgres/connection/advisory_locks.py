"""Advisory locks: serialize work on a customer's records, also on those that do not exist yet.

They are held until the transaction ends. All that a transaction needs are taken in one statement and in one
order, so that there is no deadlock.
"""

from collections.abc import Iterable

from egpay.domain.values import EmailKey
from egpay.domain.working_set import RecordKeys

TAKE = """
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY 1) AS keys
"""
"""SQL that takes the locks of these names, in sorted order."""


def names(reach: RecordKeys, *, unknown_sales: Iterable[str]) -> list[str]:
    """Names to lock for a working set: customers, subscriptions, invoices, and sales without a row.

    The customer by e-mail covers all stored sales to it; subscriptions and invoices may be reported before
    what they belong to. A payment intent needs no lock: what is written about it is written under a sale or
    an invoice. Few locks matter, a server with stock settings holds some 6,400 of them at once.
    """
    return [
        *(account(key) for key in reach.email_keys),
        *(f"subscription:{name}" for name in reach.subscriptions),
        *(f"invoice:{name}" for name in reach.invoices),
        *(f"sale:{name}" for name in unknown_sales),
    ]


def account(key: EmailKey) -> str:
    """The lock of a customer and of every sale to it."""
    return f"account:{key}"
