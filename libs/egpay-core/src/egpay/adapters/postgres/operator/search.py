"""Search: says what an id, an e-mail, a name or a tracking number is, and which records it leads to."""

from collections.abc import Sequence

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.order import fold_name
from egpay.domain.values import email_key, is_id

MOST = 20
"""Hits of one kind, at most: a name that is common is told by more words or by an id."""


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """Search hit: what the word is, the record that says so, and the records that it leads to."""

    what: str
    id: str
    state: str | None = None
    sale_id: str | None = None
    organisation_id: str | None = None
    subscription_id: str | None = None


# $1 is the word as typed, $2 folded as an e-mail, $3 folded as a name, $4 the most hits of a kind. An operator asks
# now and then, so most columns have no index for it: a statement may take 60 s, and a million sales take one.
_SOURCES = (
    """
    SELECT CASE $1 WHEN id THEN 'sale' WHEN checkout_session_id THEN 'Checkout session of a sale'
             WHEN invoice_id THEN 'invoice of a sale' WHEN payment_intent_id THEN 'payment of a sale'
             WHEN customer_id THEN 'customer of a sale' WHEN subscription_id THEN 'subscription of a sale'
             ELSE CASE WHEN email_key = $2 THEN 'e-mail of a buyer'
                       WHEN $2 IN (lower(billing_email), lower(ordered_billing_email)) THEN 'billing e-mail of a sale'
                       WHEN lower(name) = lower($1) THEN 'name of a buyer'
                       ELSE 'organisation of a sale' END END AS what,
           id, status AS state, id AS sale_id, organisation_id, subscription_id
    FROM sales WHERE $1 IN (id, checkout_session_id, invoice_id, payment_intent_id, customer_id, subscription_id)
       OR email_key = $2 OR $2 IN (lower(billing_email), lower(ordered_billing_email)) OR organisation_key = $3
       OR lower(name) = lower($1)
    ORDER BY created_at DESC
    """,
    """
    SELECT CASE WHEN organisations.id = $1 THEN 'organisation' ELSE 'name of an organisation' END,
           organisations.id, source, NULL, organisations.id, NULL
    FROM organisations WHERE id = $1 OR lower(name) = lower($1) ORDER BY created_at
    """,
    """
    SELECT CASE WHEN users.id = $1 THEN 'user' ELSE 'e-mail of a user' END, users.id, users.status, NULL,
           coalesce(memberships.organisation_id, users.organisation_id), NULL
    FROM users LEFT JOIN memberships ON memberships.user_id = users.id WHERE users.id = $1 OR email_key = $2
    """,
    """
    SELECT CASE WHEN email_key = $2 THEN 'e-mail of an owner' ELSE 'organisation of an owner' END, subscription_id,
           NULL, NULL, NULL, subscription_id
    FROM owners WHERE email_key = $2 OR lower(organisation) = lower($1)
    """,
    """
    SELECT CASE $1 WHEN id THEN 'subscription' ELSE 'customer of a subscription' END, id, status, sale_id,
           organisation_id, id
    FROM subscriptions WHERE $1 IN (id, customer_id)
    """,
    """
    SELECT CASE $1 WHEN id THEN 'payment' WHEN invoice_id THEN 'invoice' WHEN payment_intent_id THEN 'payment'
             ELSE 'refund, warning or credit note of a payment' END,
           id, invoice_status, sale_id, NULL, subscription_id
    FROM payments WHERE $1 IN (id, invoice_id, payment_intent_id)
       OR refunds -> 'known' ? $1 OR warnings ? $1 OR credit_notes ? $1
    """,
    """
    SELECT 'dispute', disputes.id, disputes.status, sale_id, NULL, subscription_id
    FROM disputes LEFT JOIN payments ON payments.id = payment_id WHERE disputes.id = $1
    """,
    """
    SELECT 'review', reviews.id, CASE WHEN closed_at IS NULL THEN 'open' ELSE closed_reason END, sale_id, NULL,
           subscription_id
    FROM reviews LEFT JOIN payments ON payments.id = payment_id WHERE reviews.id = $1
    """,
    """
    SELECT 'customer that an order made', id, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' END, sale_id,
           organisation_id, NULL
    FROM customers WHERE id = $1
    """,
    """
    SELECT 'tracking number', sale_id, status, sale_id, NULL, NULL
    FROM shipments WHERE tracking_number = $1 OR EXISTS (
        SELECT FROM jsonb_each(parcels) AS parcel (name, told)
        WHERE told -> 'tracking' ->> 1 = $1 OR told ->> 'number' = $1
    )
    """,
    """
    SELECT 'case', id, CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END, sale_id, NULL, NULL
    FROM cases WHERE id = $1 OR $1 = ANY(about)
    """,
    """
    SELECT 'e-mail that we sent', key, CASE WHEN sent_at IS NULL THEN 'not sent' ELSE 'sent' END, sale_id, NULL, NULL
    FROM emails WHERE key = $1 OR message_id = btrim($1, '<>')
    """,
    """
    SELECT CASE source WHEN 'operator' THEN 'act of an operator' ELSE 'webhook of ' || source END, event_id,
           disposition || coalesce(': ' || reason, ''), sale_id, NULL, NULL
    FROM webhook_events WHERE source = ANY($5::text[]) AND event_id = $1
    """,
    """
    SELECT 'message', message_id, CASE WHEN published_at IS NULL THEN 'waits for the broker' ELSE 'published' END,
           substring(encode(payload, 'escape') FROM 'sale_[a-z0-9]{26}'), NULL, NULL
    FROM outbox WHERE message_id = $1
    """,
    """
    SELECT 'dead letter', id::text, CASE WHEN resolved_at IS NULL THEN 'waits' ELSE 'resolved' END,
           substring(encode(payload, 'escape') FROM 'sale_[a-z0-9]{26}'), NULL, NULL
    FROM dead_letters WHERE message_id = $1
    """,
    """
    SELECT 'price or product of the catalogue', coalesce(product, id), NULL, NULL, NULL, NULL
    FROM known_prices WHERE id = $1
    """,
    """
    SELECT 'named by an event that is not ours', id, reason, NULL, NULL, NULL FROM foreign_events
    WHERE about @> ARRAY[$1::text]
    """,
)
FOUND = " UNION ALL ".join(f"(SELECT * FROM ({source} LIMIT $4) AS hit)" for source in _SOURCES)  # noqa: S608

# A part of what a customer typed, where the whole is nothing: half a name, the domain of an address.
SIMILAR = """
    SELECT 'similar to the organisation or e-mail of a sale' AS what, id, status AS state, id AS sale_id,
           organisation_id, subscription_id
    FROM sales WHERE length($1) >= 4 AND (position($2 IN organisation_key) > 0 OR position($1 IN email_key) > 0)
    ORDER BY created_at DESC LIMIT $3
"""

# What our tables do not name, such as a charge, a webhook may: searched only when nothing else is found.
NAMED = """
    SELECT 'named by webhook ' || type AS what, event_id AS id, disposition AS state, sale_id,
           NULL AS organisation_id, NULL AS subscription_id
    FROM webhook_events
    WHERE received_at > now() - interval '90 days' AND position(convert_to('"' || $1 || '"', 'UTF8') IN body) > 0
    ORDER BY received_at DESC LIMIT $2
"""
NOTED = """
    SELECT 'on the timeline' AS what, coalesce(cause, subject) AS id, kind AS state, sale_id,
           NULL AS organisation_id, NULL AS subscription_id
    FROM timeline WHERE subject = $1 OR cause = $1 ORDER BY id LIMIT $2
"""


async def search(pool: Pool, word: str, *, sources: Sequence[str]) -> list[SearchHit]:
    """Find what a word is, most telling first; raises Outage when the database does not answer.

    `sources` are the senders of webhooks."""
    given = sanitize_text(word.strip())
    key, name = email_key(given), fold_name(given)
    named = is_id(given.replace(":", ""))
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await connection.fetch(FOUND, given, key, name, MOST, list(sources))
            if not found and named:
                found = await connection.fetch(NOTED, given, MOST)
            if not found:
                found = await connection.fetch(SIMILAR, key, name, MOST)
            if not found and named:
                found = await connection.fetch(NAMED, given, MOST)
    return [SearchHit(**dict(row)) for row in found]
