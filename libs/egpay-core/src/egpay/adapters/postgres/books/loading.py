"""Claim and load: claims events, then loads all that they may touch, with one statement each.

The working set of a batch is looked up twice with the same conditions: once without locks, to find what to
lock, and once under them, to load it. Keys that appear only in between make the batch start over.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from egpay.adapters.postgres.connection.pool import Connection
from egpay.domain.account import Account, Organisation, User
from egpay.domain.books import Records
from egpay.domain.events import BillingEvent, CheckoutCompleted
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import CustomerId, EmailKey, InvoiceId, MessageId, SaleId, SubscriptionId
from egpay.domain.working_set import RecordKeys


def fields(kind: type[msgspec.Struct], table: str | None = None) -> str:
    """Columns of a struct, in the order of its fields."""
    prefix = f"{table}." if table else ""
    return ", ".join(prefix + field.name for field in msgspec.structs.fields(kind))


_SALES = "id = ANY($1) OR subscription_id = ANY($2) OR invoice_id = ANY($3) OR payment_intent_id = ANY($4)"
_FOREIGN = "about && ($2::text[] || $3::text[] || $4::text[])"
_PAYMENTS = "id = ANY($1) OR id = ANY($3) OR invoice_id = ANY($3) OR payment_intent_id = ANY($4)"

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
        SELECT id, email_key, subscription_id FROM sales WHERE {_SALES}
    ), payment AS MATERIALIZED (
        SELECT id, sale_id, subscription_id FROM payments WHERE {_PAYMENTS}
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
        UNION SELECT email_key FROM users WHERE organisation_id = ANY(ARRAY(SELECT organisation_id FROM peer))
    ), sibling AS MATERIALIZED (
        SELECT id, sale_id FROM subscriptions
        WHERE customer_id = ANY(ARRAY(SELECT id FROM customer)) OR organisation_id = ANY(ARRAY(
            SELECT organisation_id FROM users WHERE email_key = ANY(ARRAY(SELECT email_key FROM key))
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

LOAD = f"""
    WITH sale AS MATERIALIZED (SELECT {fields(Sale)} FROM sales WHERE {_SALES})
    SELECT
        (SELECT json_agg(sale) FROM sale),
        (SELECT json_agg(row) FROM (
            SELECT {fields(Subscription)} FROM subscriptions
            WHERE id = ANY($2) OR sale_id = ANY($1)
               OR customer_id = ANY($8)
               OR organisation_id = ANY(ARRAY(SELECT organisation_id FROM users WHERE email_key = ANY($5)))
        ) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Payment)} FROM payments WHERE {_PAYMENTS}) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Shipment)} FROM shipments WHERE sale_id = ANY($1)) AS row),
        (SELECT json_agg(json_build_object('organisation', organisation, 'admin', admin)) FROM (
            SELECT {fields(User, "users")} FROM users WHERE email_key = ANY($5) OR organisation_id = ANY(
                ARRAY(SELECT organisation_id FROM subscriptions WHERE customer_id = ANY($8))
            )
        ) AS admin JOIN (
            SELECT {fields(Organisation)} FROM organisations
        ) AS organisation ON organisation.id = admin.organisation_id),
        (SELECT json_agg(row) FROM (SELECT {fields(Owner)} FROM owners WHERE subscription_id = ANY($2)) AS row),
        (SELECT json_object_agg(event_id, buyer_email) FROM webhook_events
         WHERE (source, event_id) IN (SELECT * FROM unnest($6::text[], $7::text[])) AND buyer_email IS NOT NULL),
        (SELECT json_agg(row) FROM (SELECT {fields(ForeignEvent)} FROM foreign_events WHERE {_FOREIGN}) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(KnownPrice)} FROM known_prices WHERE id = ANY($9)) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Installation)} FROM installation) AS row)
"""  # noqa: S608 - built from names of fields only


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
    values = (*_names(reach), [event.id for event in events], given, list(reach.customers))
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


async def load(
    connection: Connection, reach: RecordKeys, events: Sequence[BillingEvent]
) -> tuple[Records, dict[MessageId, str]]:
    """Load the records of a working set, and the e-mails buyers typed at the Checkout of these events."""
    completed = [event for event in events if isinstance(event, CheckoutCompleted)]
    [row] = await connection.fetch(
        LOAD,
        *_names(reach),
        list(reach.email_keys),
        [event.source for event in completed],
        [event.id for event in completed],
        list(reach.customers),
        list(reach.prices),
    )
    sales, subscriptions, payments, shipments, accounts, owners, emails, foreign, prices, installations = row
    pages = Records(
        sales={one.id: one for one in _sales.decode(sales or "[]")},
        subscriptions={one.id: one for one in _subscriptions.decode(subscriptions or "[]")},
        payments={one.id: one for one in _payments.decode(payments or "[]")},
        shipments={one.sale_id: one for one in _shipments.decode(shipments or "[]")},
        accounts={one.admin.email_key: one for one in _accounts.decode(accounts or "[]")},
        owners={one.subscription_id: one for one in _owners.decode(owners or "[]")},
        foreign={one.id: one for one in _foreign.decode(foreign or "[]")},
        known_prices={one.id: one for one in _prices.decode(prices or "[]")},
        installations={one.id: one for one in _installations.decode(installations or "[]")},
    )
    return pages, _emails.decode(emails or "{}")


def _names(reach: RecordKeys) -> tuple[list[Any], ...]:
    return list(reach.sales), list(reach.subscriptions), list(reach.invoices), list(reach.payment_intents)


_sales: msgspec.json.Decoder[list[Sale]] = msgspec.json.Decoder(list[Sale])
_subscriptions: msgspec.json.Decoder[list[Subscription]] = msgspec.json.Decoder(list[Subscription])
_payments: msgspec.json.Decoder[list[Payment]] = msgspec.json.Decoder(list[Payment])
_shipments: msgspec.json.Decoder[list[Shipment]] = msgspec.json.Decoder(list[Shipment])
_accounts: msgspec.json.Decoder[list[Account]] = msgspec.json.Decoder(list[Account])
_owners: msgspec.json.Decoder[list[Owner]] = msgspec.json.Decoder(list[Owner])
_foreign: msgspec.json.Decoder[list[ForeignEvent]] = msgspec.json.Decoder(list[ForeignEvent])
_prices: msgspec.json.Decoder[list[KnownPrice]] = msgspec.json.Decoder(list[KnownPrice])
_installations: msgspec.json.Decoder[list[Installation]] = msgspec.json.Decoder(list[Installation])
_emails: msgspec.json.Decoder[dict[MessageId, str]] = msgspec.json.Decoder(dict[MessageId, str])
