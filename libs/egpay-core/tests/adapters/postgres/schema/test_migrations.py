"""The schema: the code's tables and the migrations' tables are the same, and every step knows the way back."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import msgspec
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from egpay.adapters.postgres.connection import schema_version
from egpay.adapters.postgres.connection.pool import create_engine, create_pool
from egpay.adapters.postgres.schema import migrate
from egpay.adapters.postgres.schema.tables import metadata
from egpay.domain.account import token_hash
from egpay.domain.public_events import AccessChanged
from egpay.domain.refunds import RefundRecord, Refunds, RefundStatus
from egpay.domain.shipment import Shipment
from egpay.ports.invitations import RedeemedInvitation
from egpay.testing.storage import in_postgres

REVISIONS = [step.revision for step in ScriptDirectory.from_config(migrate.configuration()).walk_revisions()]

SHAPE = """
    SELECT 'column', table_name, column_name, data_type || ' ' || is_nullable || ' '
           || coalesce(column_default, '') || is_identity
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    ORDER BY 1, 2, 3
"""


async def shape(url: str) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(SHAPE)]
    finally:
        await connection.close()


async def test_every_migration_goes_up_down_and_up_again(empty_database_url: str) -> None:
    for revision in reversed(REVISIONS):
        before = await shape(empty_database_url)
        await migrate.upgrade(empty_database_url, revision)
        after = await shape(empty_database_url)
        await migrate.downgrade(empty_database_url, "-1")
        assert await shape(empty_database_url) == before
        await migrate.upgrade(empty_database_url, revision)
        assert await shape(empty_database_url) == after


async def test_alembic_finds_no_drift_between_code_and_migrations(database_url: str) -> None:
    await migrate.check(database_url)


async def test_constraints_and_indexes_of_code_and_migrations_are_the_same(
    database_url: str, empty_database_url: str
) -> None:
    engine = create_engine(empty_database_url, name="test", poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    assert await shape(empty_database_url) == await shape(database_url)


async def test_two_migrations_at_once_both_end_well(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate.upgrade(empty_database_url) for _ in range(3)))
    await migrate.check(empty_database_url)


def test_the_head_known_by_heart_is_the_newest_migration() -> None:
    assert REVISIONS[0] == schema_version.HEAD


async def test_a_database_that_is_behind_says_so(empty_database_url: str) -> None:
    async with create_pool(empty_database_url, name="test") as pool:
        assert await schema_version.behind(pool) == "the database was never migrated; run `egpay migrate`"
        await migrate.upgrade(empty_database_url, "0001")
        assert "at revision 0001" in str(await schema_version.behind(pool))
        await migrate.upgrade(empty_database_url)
        assert await schema_version.behind(pool) is None


async def test_webhook_bodies_are_kept_in_the_fastest_way_the_server_has(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        methods = await connection.fetchval(
            "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
        )
        row = await connection.fetchrow(
            "SELECT attcompression, attstorage FROM pg_attribute "
            "WHERE attrelid = 'webhook_events'::regclass AND attname = 'body'"
        )
        assert row is not None
        assert tuple(row) == ((b"l", b"x") if "lz4" in methods else (b"\x00", b"e"))
    finally:
        await connection.close()


async def test_commands_that_were_published_before_anybody_noted_it_are_not_taken_for_lost(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0010")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO outbox (message_id, subject, payload, published_at) VALUES
            ('ship:1', 'billing.commands.ship_devices', '', now()),
            ('ship:2', 'billing.commands.ship_devices', '', NULL),
            ('evt_1', 'billing.events.invoice_paid', '', now())
    """)
    await migrate.upgrade(empty_database_url)
    done = await connection.fetch("SELECT message_id FROM processed_messages")
    await connection.close()
    assert [row["message_id"] for row in done] == ["ship:1"]


async def test_what_went_back_before_refunds_could_fail_is_taken_for_a_report_of_that_time(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0012")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO payments (id, provider, amount, amount_refunded, refunded_in_full)
        VALUES ('in_1', 'stripe', 900, 900, true), ('in_2', 'stripe', 900, 0, false)
    """)
    await migrate.upgrade(empty_database_url)
    rows = await connection.fetch("SELECT refunds::text, updated_at FROM payments ORDER BY id")
    await connection.close()
    told, untold = (msgspec.json.decode(row["refunds"], type=Refunds) for row in rows)
    assert untold == Refunds()
    assert told == Refunds().reported(900, in_full=True, at=rows[0]["updated_at"])
    failed = RefundRecord(
        amount=900,
        status=RefundStatus.FAILED,
        reported_at=rows[0]["updated_at"],
        came_back_at=rows[0]["updated_at"],
    )
    assert told.with_refund("re_1", failed).given_back(lambda amount, _: amount) == 0


async def test_disputes_and_failed_refunds_of_before_are_read_by_todays_rules(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0019")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO payments (id, provider, amount, amount_refunded, dispute, disputes, refunds) VALUES
            ('sale_1', 'stripe', 900, 0, 'lost', '{"du_1": "won", "du_2": "lost"}', '{}'),
            ('sale_2', 'stripe', 900, 0, 'open', '{"du_3": "open"}', '{}'),
            ('sale_3', 'stripe', 900, 800, NULL, '{}', '{"told_at": "2026-01-01T00:00:00Z", "told": 900,
             "most": 900, "failed": {"re_1": {"amount": 100, "at": "2026-01-02T00:00:00Z"}}}')
    """)
    await migrate.upgrade(empty_database_url)
    sums = await connection.fetch("SELECT id, amount_lost, gone_in_full FROM payments ORDER BY id")
    assert [tuple(row) for row in sums] == [("sale_1", 900, True), ("sale_2", 0, False), ("sale_3", 0, False)]
    rows = await connection.fetch("SELECT id, payment_id, status, amount, was_lost FROM disputes ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("du_1", "sale_1", "won", None, False),
        ("du_2", "sale_1", "lost", None, True),
        ("du_3", "sale_2", "needs_response", None, False),
    ]
    stored = await connection.fetchval("SELECT refunds::text FROM payments WHERE id = 'sale_3'")
    refunds = msgspec.json.decode(stored, type=Refunds)
    assert refunds.known["re_1"].status is RefundStatus.FAILED
    assert refunds.given_back(lambda amount, _: amount) == 800
    await migrate.downgrade(empty_database_url, "0023")
    back = await connection.fetchval("SELECT refunds::text FROM payments WHERE id = 'sale_3'")
    await connection.close()
    assert msgspec.json.decode(back)["failed"] == {"re_1": {"amount": 100, "at": "2026-01-02T00:00:00Z"}}


async def test_email_keys_are_folded_again_and_two_users_never_become_one(empty_database_url: str) -> None:
    await migrate.upgrade(empty_database_url, "0016")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO organisations (id, name) VALUES ('org_1', 'One');
        INSERT INTO users (id, organisation_id, email, email_key, name, role, status) VALUES
            ('usr_1', 'org_1', 'jo@bücher.example', 'jo@bücher.example', 'Jo', 'admin', 'active'),
            ('usr_2', 'org_1', 'al@bücher.example', 'al@bücher.example', 'Al', 'admin', 'active'),
            ('usr_3', 'org_1', 'al@x', 'al@xn--bcher-kva.example', 'Al', 'admin', 'active');
        INSERT INTO subscriptions (id, status, reported_at, welcomed) VALUES
            ('sub_1', 'past_due', now(), true), ('sub_2', 'active', now(), false)
    """)
    await migrate.upgrade(empty_database_url)
    keys = await connection.fetch("SELECT email_key FROM users ORDER BY id")
    facts = await connection.fetch("SELECT started, settled, adopted FROM subscriptions ORDER BY id")
    drawn = await connection.fetchval("SELECT id FROM installation")
    members = await connection.fetch("SELECT user_id, organisation_id, role FROM memberships ORDER BY 1")
    await connection.close()
    assert [row["email_key"] for row in keys] == [
        "jo@xn--bcher-kva.example",
        "al@bücher.example",
        "al@xn--bcher-kva.example",
    ]
    assert [tuple(row) for row in facts] == [(True, True, False), (True, False, False)]
    assert drawn.startswith("inst_")
    assert [tuple(row) for row in members] == [(f"usr_{n}", "org_1", "admin") for n in (1, 2, 3)]


async def test_cases_of_before_keep_their_state_and_are_one_for_each_organisation(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0019")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO cases (id, kind, subject, what, opened_at, sale_id, closed_at, closed_because) VALUES
            ('return:sale_1', 'return', 'sale_1', 'ask', '2026-01-01Z', 'sale_1', '2026-01-02Z', 'it is back'),
            ('second_subscription:sub_a:sub_b', 'second_subscription', 'org_1', 'two', '2026-01-01Z', NULL, NULL, NULL),
            ('second_subscription:sub_a:sub_c', 'second_subscription', 'org_1', 'two', '2026-01-03Z', NULL,
             '2026-01-04Z', 'two teams')
    """)
    await migrate.upgrade(empty_database_url)
    rows = await connection.fetch("SELECT id, about, closed_by, todo <> '' AS said FROM cases ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("return:sale_1", [], "person", True),
        ("second_subscription:org_1", ["sub_a", "sub_b"], None, True),
    ]
    lines = await connection.fetch("SELECT subject, kind, what FROM timeline ORDER BY subject DESC, at, id")
    assert [tuple(row) for row in lines] == [
        ("sale_1", "case.opened", "return: ask"),
        ("sale_1", "case.closed", "return: closed by a person: it is back"),
        ("org_1", "case.opened", "second_subscription: two"),
        ("org_1", "case.opened", "second_subscription: two"),
        ("org_1", "case.closed", "second_subscription: closed by a person: two teams"),
    ]
    await migrate.downgrade(empty_database_url, "0019")
    rows = await connection.fetch("SELECT id, closed_because FROM cases ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("return:sale_1", "it is back"),
        ("second_subscription:sub_a:sub_b", None),
    ]
    await connection.close()


async def test_shipments_of_before_get_the_parcel_that_they_are_known_by(empty_database_url: str) -> None:
    await migrate.upgrade(empty_database_url, "0024")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO sales (id, organisation, name, email, email_key, device_quantity, total, currency, status,
                           payment, order_hash)
        SELECT 'sale_' || n, 'One', 'Jo', 'jo@x', 'jo@x', 1, 100, 'eur', 'paid', 'card', ''
        FROM generate_series(1, 3) AS n;
        INSERT INTO shipments (sale_id, status, asked, progress, carrier, tracking_number, updated_at) VALUES
            ('sale_1', 'delivered', true, 4, 'DHL', '1Z', '2026-01-02Z'),
            ('sale_2', 'failed', true, 2, NULL, NULL, '2026-01-03Z'),
            ('sale_3', 'accepted', true, 1, NULL, NULL, '2026-01-04Z')
    """)
    await migrate.upgrade(empty_database_url)
    rows = await connection.fetch("SELECT row_to_json(shipments) FROM shipments ORDER BY sale_id")
    shipments = [msgspec.json.decode(row[0], type=Shipment) for row in rows]
    assert [one.changed().status.value for one in shipments] == ["delivered", "failed", "accepted"]
    assert [one.changed().tracking_number for one in shipments] == ["1Z", None, None]
    assert [len(one.sent) for one in shipments] == [1, 1, 0]
    await connection.execute(
        "UPDATE shipments SET status = 'returned', progress = 5 WHERE sale_id = 'sale_1'"
    )
    await migrate.downgrade(empty_database_url, "0024")
    back = await connection.fetch("SELECT status, progress FROM shipments ORDER BY sale_id")
    assert [tuple(row) for row in back] == [("shipped", 4), ("failed", 2), ("accepted", 1)]
    await connection.close()


async def test_access_that_was_stored_before_is_told_to_the_product_as_the_worker_would(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0027")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("""
        INSERT INTO organisations (id, name) VALUES ('org_a', 'A'), ('org_b', 'B');
        INSERT INTO access (organisation_id, level, why, subscription_id, plan, seats, until, version, updated_at)
        VALUES ('org_a', 'grace', 'past_due', 'sub_a', 'plan', 3, '2026-12-14T10:00:00Z', 4, '2026-11-30T10:00:00Z'),
               ('org_b', 'none', 'canceled', 'sub_b', NULL, 1, NULL, 2, '2026-11-30T11:00:00Z')
    """)
    await migrate.upgrade(empty_database_url)
    rows = await connection.fetch(
        "SELECT object, version, message_id, payload FROM app_deliveries ORDER BY object"
    )
    assert [tuple(row)[:3] for row in rows] == [
        ("access:org_a", 4, "public:access:org_a:4"),
        ("access:org_b", 2, "public:access:org_b:2"),
    ]
    news = [msgspec.json.decode(row["payload"], type=AccessChanged) for row in rows]
    assert [(one.id, one.version, one.organisation_id) for one in news] == [
        ("public:access:org_a:4", 4, "org_a"),
        ("public:access:org_b:2", 2, "org_b"),
    ]
    assert (news[0].access, news[0].why, news[0].plan, news[0].seats) == ("grace", "past_due", "plan", 3)
    assert news[0].until == datetime(2026, 12, 14, 10, tzinfo=UTC)
    assert (news[1].access, news[1].plan, news[1].until) == ("none", None, None)
    await connection.close()


async def test_a_link_that_was_mailed_before_lets_its_user_into_the_first_organisation(
    empty_database_url: str,
) -> None:
    await migrate.upgrade(empty_database_url, "0032")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(
        """
        INSERT INTO organisations (id, name) VALUES ('org_first', 'First'), ('org_other', 'Other');
        INSERT INTO users (id, organisation_id, email, email_key, name, role, status)
            VALUES ('usr_a', 'org_first', 'Jö@x', 'jö@x', 'Jo', 'admin', 'invited');
        INSERT INTO memberships (user_id, organisation_id, role)
            VALUES ('usr_a', 'org_first', 'admin'), ('usr_a', 'org_other', 'admin')
        """
    )
    await connection.execute(
        "INSERT INTO invitations (token_hash, user_id, expires_at) VALUES ($1, 'usr_a', 'infinity')",
        token_hash("mailed"),
    )
    await connection.close()
    await migrate.upgrade(empty_database_url)
    async with in_postgres(empty_database_url) as storage, storage.begin() as uow:
        entered = await uow.invitations.redeem(token_hash("mailed"), at=datetime(2026, 11, 30, tzinfo=UTC))
    assert isinstance(entered, RedeemedInvitation)
    assert (entered.user_id, entered.organisation_id) == ("usr_a", "org_first")
