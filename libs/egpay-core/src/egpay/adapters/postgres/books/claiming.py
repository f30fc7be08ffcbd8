"""Claim: takes the events that no transaction worked on before, and finds the keys that they reach.

The working set of a batch is looked up twice with the same conditions: once here without locks, to find what to
lock, and once under them, to load it. Keys that appear only in between make the batch start over.
"""

from collections.abc import Sequence

import msgspec

from egpay.adapters.postgres.books.loading import (
    MEMBERSHIPS_OF,
    PAYMENTS_IN_REACH,
    SALES_IN_REACH,
    provider_names,
)
from egpay.adapters.postgres.connection.pool import Connection
from egpay.domain.events import BillingEvent
from egpay.domain.values import CustomerId, EmailKey, InvoiceId, MessageId, SaleId, SubscriptionId
from egpay.domain.working_set import RecordKeys

# Message ids are claimed in sorted order, so that two batches that share messages cannot deadlock. A message is ours
# when the outbox holds it under this id with this payload; an id alone can be guessed. Without payloads all are.
# `OFFSET 0` keeps that one index look-up each: as EXISTS it was planned as a hash of the whole outbox, in every batch
# (20 ms for one event, at 20,000 rows).
CLAIM = f"""
    WITH received AS MATERIALIZED (
        SELECT given.message_id, position, payload IS NULL OR stored.held AS ours
        FROM unnest($5::text[], $6::bytea[]) WITH ORDINALITY AS given (message_id, payload, position)
        LEFT JOIN LATERAL (
            SELECT true AS held FROM outbox
            WHERE outbox.message_id = given.message_id AND outbox.payload = given.payload OFFSET 0
        ) AS stored ON true
    ), claimed AS (
        INSERT INTO processed_messages (message_id)
        SELECT DISTINCT message_id FROM received WHERE ours ORDER BY message_id
        ON CONFLICT DO NOTHING RETURNING message_id
    ), sale AS MATERIALIZED (
        SELECT id, email_key, subscription_id FROM sales WHERE {SALES_IN_REACH}
    ), payment AS MATERIALIZED (
        SELECT id, sale_id, subscription_id FROM payments WHERE {PAYMENTS_IN_REACH}
    ), subscription AS MATERIALIZED (
        SELECT id, sale_id, customer_id FROM subscriptions
        WHERE id = ANY($2) OR sale_id = ANY($1)
           OR id = ANY(ARRAY(SELECT subscription_id FROM sale UNION SELECT subscription_id FROM payment))
           OR sale_id = ANY(ARRAY(SELECT id FROM sale))
    ), further AS (
        SELECT id, email_key, subscription_id FROM sales
        WHERE id = ANY(ARRAY(SELECT sale_id FROM subscription UNION SELECT sale_id FROM payment))
    ), every_sale AS (
        SELECT * FROM sale UNION SELECT * FROM further
    ), owner AS MATERIALIZED (
        SELECT email_key FROM owners
        WHERE subscription_id = ANY($2) OR subscription_id = ANY(ARRAY(SELECT id FROM subscription))
    ), customer AS MATERIALIZED (
        SELECT unnest($7::text[]) AS id
        UNION SELECT customer_id FROM subscription WHERE sale_id IS NULL AND customer_id IS NOT NULL
    ), peer AS MATERIALIZED (
        SELECT organisation_id FROM subscriptions WHERE customer_id = ANY(ARRAY(SELECT id FROM customer))
    ), key AS MATERIALIZED (
        SELECT email_key FROM every_sale UNION SELECT email_key FROM owner
        UNION SELECT found.email_key FROM memberships CROSS JOIN LATERAL (
            SELECT email_key FROM users WHERE users.id = memberships.user_id OFFSET 0
        ) AS found WHERE memberships.organisation_id = ANY(ARRAY(SELECT organisation_id FROM peer))
    ), sibling AS MATERIALIZED (
        SELECT id, sale_id FROM subscriptions
        WHERE customer_id = ANY(ARRAY(SELECT id FROM customer)) OR organisation_id = ANY(ARRAY(
            SELECT member.organisation_id FROM users CROSS JOIN LATERAL ({MEMBERSHIPS_OF}) AS member
            WHERE users.email_key = ANY(ARRAY(SELECT email_key FROM key))
        ))
    )
    SELECT
        ARRAY(SELECT message_id FROM claimed) AS claimed,
        ARRAY(SELECT position - 1 FROM received WHERE ours IS NOT TRUE) AS forged,
        ARRAY(SELECT id FROM every_sale) AS known_sales,
        ARRAY(SELECT email_key FROM key) AS email_keys,
        ARRAY(SELECT id FROM customer) AS customers,
        ARRAY(
            SELECT sale_id FROM subscription UNION SELECT sale_id FROM payment UNION SELECT sale_id FROM sibling
        ) AS sales,
        ARRAY(
            SELECT id FROM subscription UNION SELECT id FROM sibling
            UNION SELECT subscription_id FROM every_sale UNION SELECT subscription_id FROM payment
        ) AS subscriptions,
        ARRAY(SELECT id FROM payment WHERE id IS DISTINCT FROM sale_id) AS invoices
"""  # noqa: S608 - built from conditions of ours only


class Claimed(msgspec.Struct, frozen=True):
    """The claimed event ids, the positions of forged ones, and the working set as far as the database has it."""

    ids: frozenset[MessageId]
    forged: frozenset[int]
    reach: RecordKeys
    unknown_sales: frozenset[SaleId]


async def claim(
    connection: Connection,
    events: Sequence[BillingEvent],
    payloads: Sequence[bytes] | None,
    reach: RecordKeys,
) -> Claimed:
    """Claim the events not claimed before; waits for a transaction that is claiming one right now."""
    given = [None] * len(events) if payloads is None else payloads
    values = (*provider_names(reach), [event.id for event in events], given, list(reach.customers))
    [row] = await connection.fetch(CLAIM, *values)
    known = frozenset(map(SaleId, row["known_sales"]))
    grown = reach | RecordKeys(
        sales=known | frozenset(SaleId(name) for name in row["sales"] if name),
        subscriptions=frozenset(SubscriptionId(name) for name in row["subscriptions"] if name),
        invoices=frozenset(map(InvoiceId, row["invoices"])),
        email_keys=frozenset(map(EmailKey, row["email_keys"])),
        customers=frozenset(map(CustomerId, row["customers"])),
    )
    ids, forged = frozenset(map(MessageId, row["claimed"])), frozenset(row["forged"])
    return Claimed(ids, forged, grown, grown.sales - known)
