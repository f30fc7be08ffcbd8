"""Load: reads the locked working set of a batch, all records that its events may touch, in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from egpay.adapters.postgres.connection.pool import Connection
from egpay.domain.access import Access
from egpay.domain.account import Account, Organisation, User
from egpay.domain.books import Records
from egpay.domain.case import Case
from egpay.domain.disputes import Dispute
from egpay.domain.events import BillingEvent, CheckoutCompleted
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice, customer_of
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.risk import RadarReview
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId
from egpay.domain.working_set import RecordKeys

APART: Mapping[type[msgspec.Struct], Mapping[str, type[msgspec.Struct]]] = {
    Payment: {"disputes": Dispute, "reviews": RadarReview}
}
"""Fields of a struct that are rows of a table of that name."""


def columns(kind: type[msgspec.Struct]) -> list[str]:
    """Names of the columns of a struct, in the order of its fields."""
    apart = APART.get(kind, {})
    return [field.name for field in msgspec.structs.fields(kind) if field.name not in apart]


def fields(kind: type[msgspec.Struct], table: str | None = None) -> str:
    """Columns of a struct, for a statement."""
    prefix = f"{table}." if table else ""
    return ", ".join(prefix + name for name in columns(kind))


def _apart(table: str, kind: type[msgspec.Struct]) -> str:
    return f"""(
        SELECT coalesce(json_object_agg(kept.id, kept), '{{}}')
        FROM (SELECT {fields(kind)} FROM {table} WHERE payment_id = payments.id) AS kept
    ) AS {table}"""  # noqa: S608 - built from names of fields only


SALES_IN_REACH = (
    "id = ANY($1) OR subscription_id = ANY($2) OR invoice_id = ANY($3) OR payment_intent_id = ANY($4)"
)
PAYMENTS_IN_REACH = (
    "id = ANY($1) OR id = ANY($3) OR invoice_id = ANY($3) OR payment_intent_id = ANY($4)"
    " OR (subscription_id = ANY($2) AND gone_in_full)"
)
_ORGANISATIONS = """
    SELECT member_of FROM admin
    UNION SELECT organisation_id FROM subscriptions WHERE id = ANY($2) OR customer_id = ANY($8)
"""
_CASES = f"sale_id = ANY($1) OR subject = ANY($1 || $2 || $3 || $4 || ARRAY({_ORGANISATIONS}))"
_APART = ", ".join(_apart(table, kind) for table, kind in APART[Payment].items())
_FOREIGN = "about && ($2::text[] || $3::text[] || $4::text[] || $10::text[])"

# Each join is a look-up by key: `OFFSET 0` keeps it one. A join that the planner may turn round reads one of the two
# tables whole, in every batch, by a plan that was made while they were empty (0.8 s at 2,000 accounts).
MEMBERSHIPS_OF = "SELECT organisation_id FROM memberships WHERE memberships.user_id = users.id OFFSET 0"
_ADMINS = f"""
    SELECT member.organisation_id AS member_of, {fields(User, "users")}
    FROM users CROSS JOIN LATERAL ({MEMBERSHIPS_OF}) AS member WHERE users.email_key = ANY($5)
    UNION SELECT memberships.organisation_id, {fields(User, "found")}
    FROM memberships CROSS JOIN LATERAL (
        SELECT {fields(User)} FROM users WHERE users.id = memberships.user_id OFFSET 0
    ) AS found WHERE memberships.organisation_id = ANY(
        ARRAY(SELECT organisation_id FROM subscriptions WHERE customer_id = ANY($8))
    )
"""  # noqa: S608 - built from names of fields only

LOAD = f"""
    WITH sale AS MATERIALIZED (SELECT {fields(Sale)} FROM sales WHERE {SALES_IN_REACH}
    ), admin AS MATERIALIZED ({_ADMINS})
    SELECT
        (SELECT json_agg(sale) FROM sale),
        (SELECT json_agg(row) FROM (
            SELECT {fields(Subscription)} FROM subscriptions
            WHERE id = ANY($2) OR sale_id = ANY($1)
               OR customer_id = ANY($8)
               OR organisation_id = ANY(ARRAY(SELECT member_of FROM admin))
        ) AS row),
        (SELECT json_agg(row) FROM (
            SELECT {fields(Payment)}, {_APART} FROM payments WHERE {PAYMENTS_IN_REACH}
        ) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Shipment)} FROM shipments WHERE sale_id = ANY($1)) AS row),
        (SELECT json_agg(json_build_object('organisation', organisation, 'admin', admin)) FROM admin CROSS JOIN LATERAL (
            SELECT {fields(Organisation)} FROM organisations WHERE organisations.id = admin.member_of OFFSET 0
        ) AS organisation),
        (SELECT json_agg(row) FROM (SELECT {fields(Owner)} FROM owners WHERE subscription_id = ANY($2)) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Case)} FROM cases WHERE {_CASES}) AS row),
        (SELECT json_object_agg(event_id, buyer_email)
         FROM unnest($6::text[], $7::text[]) AS completed (source, id) CROSS JOIN LATERAL (
            SELECT event_id, buyer_email FROM webhook_events
            WHERE webhook_events.source = completed.source AND event_id = completed.id OFFSET 0
         ) AS typed WHERE buyer_email IS NOT NULL),
        (SELECT json_agg(row) FROM (SELECT {fields(ForeignEvent)} FROM foreign_events WHERE {_FOREIGN}) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(KnownPrice)} FROM known_prices WHERE id = ANY($9)) AS row),
        (SELECT json_agg(row) FROM (SELECT {fields(Installation)} FROM installation) AS row),
        (SELECT json_agg(row) FROM (
            SELECT {fields(Access)} FROM access WHERE organisation_id = ANY(ARRAY(SELECT member_of FROM admin))
        ) AS row)
"""  # noqa: S608 - built from names of fields only


async def load(
    connection: Connection, reach: RecordKeys, events: Sequence[BillingEvent]
) -> tuple[Records, dict[MessageId, str]]:
    """Load the records of a working set, and the e-mails buyers typed at the Checkout of these events."""
    [row] = await connection.fetch(LOAD, *_parameters(reach, events))
    return _decoded(*row)


def _parameters(reach: RecordKeys, events: Sequence[BillingEvent]) -> list[Any]:
    completed = [event for event in events if isinstance(event, CheckoutCompleted)]
    return [
        *provider_names(reach),
        list(reach.email_keys),
        [event.source for event in completed],
        [event.id for event in completed],
        list(reach.customers),
        list(reach.prices),
        [name for name in map(customer_of, events) if name],
    ]


def _decoded(  # noqa: PLR0913, PLR0917 - one for each column of the statement, in its order
    sales: str | None,
    subscriptions: str | None,
    payments: str | None,
    shipments: str | None,
    accounts: str | None,
    owners: str | None,
    cases: str | None,
    emails: str | None,
    foreign: str | None,
    prices: str | None,
    installations: str | None,
    accesses: str | None,
) -> tuple[Records, dict[MessageId, str]]:
    pages = Records(
        sales={one.id: one for one in _sales.decode(sales or "[]")},
        subscriptions={one.id: one for one in _subscriptions.decode(subscriptions or "[]")},
        payments={one.id: one for one in _payments.decode(payments or "[]")},
        shipments={one.sale_id: one for one in _shipments.decode(shipments or "[]")},
        accounts={one.organisation.id: one for one in _accounts.decode(accounts or "[]")},
        owners={one.subscription_id: one for one in _owners.decode(owners or "[]")},
        cases={one.id: one for one in _cases.decode(cases or "[]")},
        foreign={one.id: one for one in _foreign.decode(foreign or "[]")},
        known_prices={one.id: one for one in _prices.decode(prices or "[]")},
        installations={one.id: one for one in _installations.decode(installations or "[]")},
        accesses={one.organisation_id: one for one in _accesses.decode(accesses or "[]")},
    )
    return pages, _emails.decode(emails or "{}")


def provider_names(reach: RecordKeys) -> tuple[list[Any], ...]:
    """Parameters 1 to 4 of both statements: the names by which a provider's object is in reach."""
    return list(reach.sales), list(reach.subscriptions), list(reach.invoices), list(reach.payment_intents)


_sales: msgspec.json.Decoder[list[Sale]] = msgspec.json.Decoder(list[Sale])
_subscriptions: msgspec.json.Decoder[list[Subscription]] = msgspec.json.Decoder(list[Subscription])
_payments: msgspec.json.Decoder[list[Payment]] = msgspec.json.Decoder(list[Payment])
_shipments: msgspec.json.Decoder[list[Shipment]] = msgspec.json.Decoder(list[Shipment])
_accounts: msgspec.json.Decoder[list[Account]] = msgspec.json.Decoder(list[Account])
_owners: msgspec.json.Decoder[list[Owner]] = msgspec.json.Decoder(list[Owner])
_cases: msgspec.json.Decoder[list[Case]] = msgspec.json.Decoder(list[Case])
_foreign: msgspec.json.Decoder[list[ForeignEvent]] = msgspec.json.Decoder(list[ForeignEvent])
_prices: msgspec.json.Decoder[list[KnownPrice]] = msgspec.json.Decoder(list[KnownPrice])
_installations: msgspec.json.Decoder[list[Installation]] = msgspec.json.Decoder(list[Installation])
_accesses: msgspec.json.Decoder[list[Access]] = msgspec.json.Decoder(list[Access])
_emails: msgspec.json.Decoder[dict[MessageId, str]] = msgspec.json.Decoder(dict[MessageId, str])
