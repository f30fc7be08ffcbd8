"""What each database role can do, asked of PostgreSQL after a migration, and written down here by hand."""

import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.operator.checks import PostgresChecks
from egpay.adapters.postgres.schema.migrate import upgrade

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ROLES = ("egpay_billing_worker", "egpay_checkout_api", "egpay_operator")
RECEIPT = (
    "api_version body buyer_email disposition event_id livemode occurred_at reason sale_id source"
    " traceparent type"
)
MESSAGE = "leased_until message_id payload subject traceparent"
LETTER = "attempts failed_in message_id payload reason subject trace"
ENTRY = "at cause kind sale_id subject what"
PRODUCT = (
    "currency description id image interval interval_count kind name on_sale position trial_days unit_amount"
)
SALE = (
    "another_organisation billing_email cancellation cancelled checkout_session_id corrected_address created_at"
    " currency customer_id device_quantity email email_key id invoice_id name organisation organisation_id paid_at"
    " payment payment_intent_id plan public_version refunded session_attempt session_ended_at session_progress"
    " status subscription_id total totals"
)
ORDER = "locale ordered_billing_email phone shipping_address"
LINE = "currency interval interval_count kind name position price product quantity sale_id trial_days unit_amount"
SUBSCRIPTION = (
    "adopted cancel_at collection_paused contested current_period_end customer_id id organisation_id owner_unknown"
    " plan plan_known plan_reported_at price_id public_version quantity renewals reported_at sale_id settled started"
    " started_at status welcomed"
)
ACCESS = "elapsed level organisation_id plan seats subscription_id until version why"
SHIPMENT = (
    "asked attempts cancelled carrier held items misfit parcels person_held_at person_released_at"
    " progress public_version reason revision sale_id settled_refund status tracking_number tracking_url"
)
PAYMENT = (
    "amount amount_lost amount_refunded credit_notes currency dispute disputes gone_in_full id invoice_id"
    " invoice_status paid_at"
    " payment_intent_id provider refund_requests refunded_in_full refunds sale_id subscription_id warnings"
)
DISPUTE = "amount contested currency due_by id payment_id refundable reported_at status took_money was_lost"
REVIEW = "closed_at closed_reason id opened_at payment_id"
USER = "email email_key id name organisation_id role status"
OWNER = "email email_key name organisation subscription_id"
CASE = (
    "about cause closed_at closed_because closed_by due_by id kind opened_at sale_id snoozed_because snoozed_until"
    " subject todo waits_for weight what"
)
FINDING = "event_id kind occurred_at sale_id type what"
MEMBERSHIP = "organisation_id role user_id"
FOREIGN = "about event id reason"
PROVIDER = "pause_reason paused_until refusal refused_at refused_since"
NEWS = "message_id object payload type version"
DELIVERY = "delivered_at leased_until next_at reason status tried_at tries waits_since"
WITHDRAWAL = "declared_at email id name sale_id statement"
CURSOR = "since succeeded_at sweep"

EXPECTED: dict[str, dict[str, dict[str, str]]] = {
    "egpay_checkout_api": {
        "providers": {
            "SELECT": f"{PROVIDER} name",
            "INSERT": f"{PROVIDER} name",
            "UPDATE": PROVIDER,
        },
        "access": {"SELECT": "level organisation_id plan seats until version why"},
        "alembic_version": {"SELECT": "*"},
        "customers": {
            "SELECT": "given_up_at id sale_id used_at",
            "INSERT": "id sale_id used_at",
            "UPDATE": "used_at",
        },
        "dead_letters": {
            "SELECT": "attempts failed_in message_id reason resolved_at trace updated_at",
            "INSERT": LETTER,
            "UPDATE": "attempts failed_in reason trace updated_at",
        },
        "idempotency_keys": {
            "SELECT": "done held_until key request_hash sale_id xmax",
            "INSERT": "held_until key request_hash",
            "UPDATE": "done held_until key sale_id",
            "DELETE": "*",
        },
        "emails": {"SELECT": "kind sale_id sent_at"},
        "installation": {"SELECT": "id"},
        "invitations": {
            "SELECT": "email_hash expires_at organisation_id token_hash used_at user_id",
            "UPDATE": "used_at",
        },
        "memberships": {"SELECT": "organisation_id user_id"},
        "organisations": {"SELECT": "id name"},
        "outbox": {"SELECT": "*", "INSERT": MESSAGE, "UPDATE": "leased_until published_at"},
        "prices": {"SELECT": "amount currency id interval interval_count product replaced_at"},
        "products": {"SELECT": PRODUCT},
        "portal_links": {
            "SELECT": "email_key expires_at id token_hash used_at",
            "INSERT": "email_key expires_at id requested_at",
            "UPDATE": "used_at",
        },
        "sale_lines": {"SELECT": LINE, "INSERT": LINE},
        "sales": {
            "SELECT": f"{SALE} {ORDER} order_hash changes checkout_expires_at checkout_url",
            "INSERT": f"{SALE} {ORDER} order_hash organisation_key",
            "UPDATE": (
                "changes checkout_expires_at checkout_session_id checkout_url session_attempt session_ended_at"
                " session_progress status updated_at"
            ),
        },
        "shipments": {"SELECT": f"{SHIPMENT} changes"},
        "subscriptions": {"SELECT": f"{SUBSCRIPTION} changes"},
        "timeline": {"SELECT": "id", "INSERT": ENTRY},
        "users": {"SELECT": "email email_key id organisation_id status", "UPDATE": "status updated_at"},
        "withdrawals": {"SELECT": WITHDRAWAL, "INSERT": WITHDRAWAL},
        "webhook_events": {
            "SELECT": "deliveries event_id source",
            "INSERT": RECEIPT,
            "UPDATE": "deliveries redelivered_at",
        },
    },
    "egpay_billing_worker": {
        "providers": {
            "SELECT": f"{PROVIDER} name",
            "INSERT": f"{PROVIDER} name",
            "UPDATE": PROVIDER,
        },
        "access": {"SELECT": ACCESS, "INSERT": ACCESS, "UPDATE": f"{ACCESS} updated_at"},
        "alembic_version": {"SELECT": "*"},
        "app_deliveries": {"SELECT": "*", "INSERT": NEWS, "UPDATE": f"{NEWS} {DELIVERY} updated_at"},
        "cases": {"SELECT": CASE, "INSERT": CASE, "UPDATE": f"{CASE} updated_at"},
        "customers": {
            "SELECT": "deleted_at given_up_at id kept organisation_id sale_id used_at",
            "UPDATE": "deleted_at given_up_at kept organisation_id",
        },
        "dead_letters": {
            "SELECT": "attempts failed_in message_id reason resolved_at trace updated_at",
            "INSERT": LETTER,
            "UPDATE": "attempts failed_in reason trace updated_at",
        },
        "emails": {
            "SELECT": "attempts claimed_until key sent_at xmax",
            "INSERT": "claimed_until created_at key kind recipient sale_id subject",
            "UPDATE": "attempts claimed_until key message_id recipient sent_at subject",
        },
        "foreign_events": {"SELECT": FOREIGN, "INSERT": FOREIGN, "DELETE": "*"},
        "disputes": {"SELECT": DISPUTE, "INSERT": DISPUTE, "UPDATE": f"{DISPUTE} updated_at"},
        "installation": {
            "SELECT": "access_grace_days adopts_since id part_refund refund_ends_subscription since",
            "UPDATE": "access_grace_days adopts_since part_refund refund_ends_subscription",
        },
        "invitations": {
            "SELECT": "email_hash expires_at organisation_id token_hash used_at user_id",
            "INSERT": "email_hash expires_at organisation_id token_hash user_id",
            "UPDATE": "expires_at",
        },
        "known_prices": {"SELECT": "id product since"},
        "memberships": {"SELECT": f"{MEMBERSHIP} created_at", "INSERT": MEMBERSHIP},
        "operator_acts": {"SELECT": "arguments key who why"},
        "organisations": {
            "SELECT": "id name public_version source",
            "INSERT": "id name public_version source",
            "UPDATE": "id name public_version source updated_at",
        },
        "outbox": {"SELECT": "*", "INSERT": MESSAGE, "UPDATE": "leased_until published_at"},
        "owners": {"SELECT": OWNER, "INSERT": OWNER, "UPDATE": f"{OWNER} updated_at"},
        "pace": {"SELECT": "name next_at", "INSERT": "name next_at", "UPDATE": "next_at"},
        "payments": {"SELECT": PAYMENT, "INSERT": PAYMENT, "UPDATE": f"{PAYMENT} updated_at"},
        "portal_links": {"SELECT": "*", "UPDATE": "expires_at token_hash", "DELETE": "*"},
        "prices": {"SELECT": "active created_at id replaced_at", "UPDATE": "active"},
        "processed_messages": {"SELECT": "message_id", "INSERT": "message_id"},
        "questions": {
            "SELECT": "asked_at held_until subject",
            "INSERT": "asked_at held_until subject",
            "UPDATE": "asked_at held_until",
        },
        "reconcile_cursors": {
            "SELECT": CURSOR,
            "INSERT": CURSOR,
            "UPDATE": "since succeeded_at updated_at",
        },
        "reconcile_findings": {"SELECT": "*", "INSERT": FINDING, "UPDATE": "late_at"},
        "retries": {
            "SELECT": "failed_at message_id next_at reason tries",
            "INSERT": "command failed_at first_failed_at message_id next_at reason sale_id tries",
            "UPDATE": "failed_at next_at reason tries",
            "DELETE": "*",
        },
        "reviews": {"SELECT": REVIEW, "INSERT": REVIEW, "UPDATE": f"{REVIEW} updated_at"},
        "sale_lines": {"SELECT": LINE},
        "sales": {
            "SELECT": f"{SALE} {ORDER} changes checkout_expires_at organisation_key",
            "UPDATE": (
                "billing_email cancellation cancelled changes checkout_session_id corrected_address customer_id email"
                " email_key invoice_id organisation_id paid_at payment_intent_id public_version refunded session_ended_at"
                " session_progress status subscription_id totals updated_at"
            ),
        },
        "shipments": {
            "SELECT": f"{SHIPMENT} changes",
            "INSERT": SHIPMENT,
            "UPDATE": f"{SHIPMENT} changes updated_at",
        },
        "subscriptions": {
            "SELECT": f"{SUBSCRIPTION} changes",
            "INSERT": SUBSCRIPTION,
            "UPDATE": f"{SUBSCRIPTION} changes updated_at",
        },
        "timeline": {"SELECT": "id", "INSERT": ENTRY},
        "users": {"SELECT": f"{USER} created_at", "INSERT": USER, "UPDATE": f"{USER} updated_at"},
        "withdrawals": {"SELECT": WITHDRAWAL},
        "webhook_events": {
            "SELECT": "buyer_email deliveries disposition event_id redelivered_at sale_id source",
            "INSERT": RECEIPT,
            "UPDATE": "deliveries disposition reason redelivered_at",
        },
    },
    "egpay_operator": {
        "alembic_version": {"SELECT": "*"},
        "app_deliveries": {
            "SELECT": "*",
            "UPDATE": "delivered_at message_id next_at tries waits_since",
        },
        "customers": {"SELECT": "*"},
        "disputes": {"SELECT": "*"},
        "emails": {"SELECT": "*"},
        "foreign_events": {"SELECT": "*"},
        "installation": {"SELECT": "*"},
        "known_prices": {"SELECT": "*"},
        "access": {"SELECT": "*"},
        "memberships": {"SELECT": "*"},
        "operator_acts": {"SELECT": "*", "INSERT": "arguments at key kind sale_id subject who why"},
        "organisations": {"SELECT": "*"},
        "owners": {"SELECT": "*"},
        "payments": {"SELECT": "*"},
        "prices": {"SELECT": "*"},
        "products": {"SELECT": "*"},
        "providers": {"SELECT": "*"},
        "retries": {"SELECT": "*"},
        "reviews": {"SELECT": "*"},
        "sale_lines": {"SELECT": "*"},
        "sales": {"SELECT": "*"},
        "shipments": {"SELECT": "*"},
        "subscriptions": {"SELECT": "*"},
        "users": {"SELECT": "*"},
        "withdrawals": {"SELECT": "*"},
        "cases": {"SELECT": "*"},
        "dead_letters": {
            "SELECT": "*",
            "INSERT": LETTER,
            "UPDATE": "attempts reason resolved_at updated_at",
        },
        "outbox": {
            "SELECT": "*",
            "INSERT": MESSAGE,
            "UPDATE": "created_at leased_until payload published_at subject",
        },
        "processed_messages": {"SELECT": "*", "INSERT": "message_id", "DELETE": "*"},
        "reconcile_cursors": {
            "SELECT": CURSOR,
            "INSERT": CURSOR,
            "UPDATE": "since succeeded_at updated_at",
        },
        "reconcile_findings": {"SELECT": "*", "INSERT": FINDING, "UPDATE": "late_at"},
        "timeline": {"SELECT": "*", "INSERT": ENTRY},
        "webhook_events": {
            "SELECT": "*",
            "INSERT": RECEIPT,
            "UPDATE": (
                "api_version buyer_email deliveries disposition livemode occurred_at reason redelivered_at"
                " sale_id traceparent type"
            ),
        },
    },
}
"""Columns that a role may read, insert or update; `*` is the whole table, with columns that are added later."""

# Of a whole table PostgreSQL's own columns (xmin, xmax, ctid, ...) come along; of columns only those that are named.
TABLES = """
    SELECT relname::text AS table, privilege FROM pg_class
    CROSS JOIN unnest(ARRAY[
        'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'
    ]) AS privilege
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_table_privilege($1, pg_class.oid, privilege)
"""
COLUMNS = """
    SELECT relname::text AS table, privilege, attname::text AS column FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT attisdropped
      AND has_column_privilege($1, pg_class.oid, attnum, privilege)
"""
FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE has_function_privilege($1, oid, 'EXECUTE') AND (
        pronamespace = 'public'::regnamespace
        OR proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite')
        OR proname LIKE 'pg\\_read\\_%file' OR proname LIKE 'pg\\_ls\\_%' OR proname LIKE 'pg\\_reload%'
    )
"""
SEQUENCES = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
      AND CASE WHEN relkind = 'S' THEN has_sequence_privilege($1, oid, 'USAGE, SELECT, UPDATE') END
"""
PLACES = """
    SELECT
        has_schema_privilege($1, 'public', 'USAGE') AS uses_schema,
        has_schema_privilege($1, 'public', 'CREATE') AS creates_tables,
        has_database_privilege($1, current_database(), 'CREATE') AS creates_schemas,
        has_database_privilege($1, current_database(), 'TEMPORARY') AS creates_temporary_tables,
        has_database_privilege($1, current_database(), 'CONNECT') AS connects
"""
ATTRIBUTES = """
    SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
        EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) AS member
    FROM pg_roles WHERE rolname = $1
"""


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """A connection of the owner's to a database that `egpay migrate` has seen."""
    await upgrade(database_url)
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_can_do_what_is_written_here_and_nothing_else(owner: Connection, role: str) -> None:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for table, privilege in await owner.fetch(TABLES, role):
        found[table][privilege] = {"*"}
    for table, privilege, column in await owner.fetch(COLUMNS, role):
        if "*" not in found[table][privilege]:
            found[table][privilege].add(column)
    assert {
        table: {privilege: " ".join(sorted(columns)) for privilege, columns in privileges.items()}
        for table, privileges in found.items()
    } == {
        table: {privilege: " ".join(sorted(columns.split())) for privilege, columns in privileges.items()}
        for table, privileges in EXPECTED[role].items()
    }


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_creates_nothing_and_has_no_other_roles_rights(owner: Connection, role: str) -> None:
    [places] = await owner.fetch(PLACES, role)
    assert {what for what, allowed in places.items() if allowed} == {"uses_schema", "connects"}
    [attributes] = await owner.fetch(ATTRIBUTES, role)
    assert {what for what, allowed in attributes.items() if allowed} == {"rolcanlogin"}
    assert await owner.fetch(SEQUENCES, role) == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_has_no_large_objects_no_files_and_of_our_functions_only_the_workers_purge(
    owner: Connection, role: str
) -> None:
    allowed = {row[0] for row in await owner.fetch(FUNCTIONS, role)}
    purge = {"purge_aged(text,interval,integer)"} if role == "egpay_billing_worker" else set()
    assert allowed == purge


ATTACKS = [
    "SELECT lo_from_bytea(0, decode(repeat('00', 1000), 'hex'))",
    "SELECT lo_create(0)",
    "CREATE TEMPORARY TABLE hoard (payload bytea)",
    "CREATE TABLE public.hoard (payload bytea)",
    "CREATE SCHEMA hoard",
    "UPDATE webhook_events SET body = ''",
    "UPDATE webhook_events SET received_at = now()",
    "INSERT INTO outbox (message_id, subject, payload, published_at) VALUES ('evt_1', 's', '', now())",
    "DELETE FROM timeline",
    "UPDATE products SET unit_amount = 1",
]
ATTACKS_OF = {
    "egpay_checkout_api": [
        "SELECT recipient FROM emails",
        "SELECT name FROM users",
        "UPDATE users SET email = 'thief@example.com'",
        "SELECT body FROM webhook_events",
        "SELECT buyer_email FROM webhook_events",
        "SELECT * FROM organisations",
        "SELECT payload FROM dead_letters",
        "SELECT what FROM timeline",
        "UPDATE invitations SET expires_at = 'infinity', email_hash = NULL",
        "INSERT INTO invitations (token_hash, user_id, expires_at) VALUES ('\\x00', 'usr_1', 'infinity')",
    ],
    "egpay_billing_worker": [
        "SELECT recipient FROM emails",
        "SELECT body FROM webhook_events",
        "SELECT payload FROM dead_letters",
        "SELECT checkout_url FROM sales",
        "SELECT * FROM idempotency_keys",
        "INSERT INTO processed_messages (message_id, processed_at) VALUES ('evt_1', 'infinity')",
    ],
    "egpay_operator": [
        "SELECT token_hash FROM invitations",
        "UPDATE sales SET paid_at = now()",
        "UPDATE subscriptions SET status = 'active'",
        "INSERT INTO users (id) VALUES ('usr_1')",
        "DELETE FROM dead_letters",
        "DELETE FROM webhook_events",
        "SELECT purge_aged('outbox', '8 days', 1)",
    ],
}


@pytest.mark.parametrize("role", ROLES)
async def test_a_login_that_was_taken_over_reads_and_writes_nothing_beyond_its_work(
    owner: Connection, role: str
) -> None:
    await owner.execute(f"SET ROLE {role}")
    for attack in ATTACKS + ATTACKS_OF[role]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(attack)


async def test_an_owner_who_is_no_superuser_migrates_and_is_told_what_is_left_to_revoke(
    empty_database_url: str, owner: Connection
) -> None:
    name, role = urlsplit(empty_database_url).path.removeprefix("/"), f"test_{secrets.token_hex(6)}"
    await owner.execute(f"CREATE ROLE {role} LOGIN CREATEROLE")
    await owner.execute(f"ALTER DATABASE {name} OWNER TO {role}")
    try:
        await upgrade(f"{empty_database_url}?role={role}")
        async with create_pool(empty_database_url, name="test", size=1) as pool:
            faults = await PostgresChecks(pool).rights()
            assert faults == [
                f"{name} has EXECUTE on the functions of large objects beyond its needs" for name in ROLES
            ]
            runbook = (Path(__file__).parents[2] / "docs/runbook.md").read_text()
            [revoke] = re.findall(r"`(REVOKE EXECUTE .*FROM PUBLIC)`", runbook)
            await pool.execute(revoke)
            assert await PostgresChecks(pool).rights() == []
    finally:
        await owner.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
        theirs = await asyncpg.connect(empty_database_url)
        await theirs.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
        await theirs.execute(f"DROP OWNED BY {role}")
        await theirs.close()
        await owner.execute(f"DROP ROLE {role}")


async def test_what_was_granted_by_hand_is_gone_after_the_next_migration(
    owner: Connection, database_url: str
) -> None:
    await owner.execute("GRANT ALL ON users TO egpay_checkout_api")
    await owner.execute("GRANT SELECT (body) ON webhook_events TO egpay_checkout_api")
    await owner.execute("GRANT CREATE ON SCHEMA public TO egpay_operator")
    await upgrade(database_url)
    await test_a_role_can_do_what_is_written_here_and_nothing_else(owner, "egpay_checkout_api")
    await test_a_role_creates_nothing_and_has_no_other_roles_rights(owner, "egpay_operator")
