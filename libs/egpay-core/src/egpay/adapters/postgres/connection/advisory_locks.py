"""Who works on a customer's records works on them alone, also on those that do not exist yet.

The locks are PostgreSQL's advisory ones, held until the transaction ends. All that a transaction needs are taken in
one statement and in one order, so nobody waits for somebody who waits for him.
"""

from collections.abc import Iterable

from egpay.domain.values import EmailKey
from egpay.domain.working_set import RecordKeys

TAKE = """
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY 1) AS keys
"""
"""Takes the locks of these names."""


def names(reach: RecordKeys, *, unknown_sales: Iterable[str]) -> list[str]:
    """What to lock for a reach: the customer by e-mail, which covers all known sales to it; subscriptions and
    invoices, which may become known before what they belong to; and sales without a row.

    A payment intent needs none: what is written about it is written under a sale or an invoice. Few locks matter, a
    server with stock settings holds some 6,400 of them at once.
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
