"""Each role may do its work and nothing else: proven by doing both under it (see tests/security too)."""

from datetime import timedelta

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.adapters.postgres.operator.dead_letter_advisories import PostgresDeadLetterAdvisories
from egpay.adapters.postgres.outbox import PostgresOutbox
from egpay.adapters.postgres.provider_lookups import PostgresSingleFlight
from egpay.adapters.postgres.provider_status import PostgresProviderStatus
from egpay.adapters.postgres.purge import PostgresRetention
from egpay.adapters.postgres.rate_limiter import PostgresRateLimiter
from egpay.adapters.postgres.reconciliation import PostgresReconciliationState
from egpay.adapters.postgres.schema.rights import BILLING_WORKER, CHECKOUT_API, OPERATOR, RIGHTS
from egpay.adapters.postgres.schema.tables import metadata
from egpay.adapters.system.clock import utc_now
from egpay.domain.account import Invitation, token_hash
from egpay.domain.commands import ShipDevices
from egpay.domain.events import Source, WithdrawalDeclared
from egpay.domain.outcome import FailedEvent, Outcome
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, MessageId, SaleId, SessionId, SubscriptionId
from egpay.domain.withdrawal import Withdrawal, declare
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition
from egpay.ports.invitations import InvitationEnd
from egpay.ports.payments import CheckoutSession
from egpay.ports.reconciliation import Cursor, Finding, FindingKind
from egpay.ports.retention import PurgedTable
from egpay.testing.builders import (
    SENSOR,
    account,
    checkout_completed,
    invoice_paid,
    moment,
    order,
    receipt,
    sale,
    subscription,
    subscription_changed,
)
from egpay.testing.folds import Watching, leading_to, pages, writing
from egpay.testing.storage import Storage, in_postgres


async def publish(_: object) -> None:
    """A broker that takes everything."""


async def messages(storage: Storage) -> None:
    """What both services do with messages."""
    event, unread = (
        subscription_changed(),
        receipt(subscription_changed(), event=None, disposition=Disposition.PARKED, reason="unread"),
    )
    for _ in range(2):
        await storage.inbox.record_many([receipt(event), unread])
    assert await storage.outbox.drain_once(publish) == 1
    leased = await storage.inbox.record_to_publish(
        [receipt(subscription_changed(id=MessageId("evt_leased")))], lease=9
    )
    await storage.outbox.mark_published([message.id for message in leased])


async def park(storage: Storage) -> None:
    letter = DeadLetter(message_id=MessageId("evt_p"), subject="s", payload=b"", reason="r")
    for _ in range(2):
        await storage.dead_letters.add_many([letter])


def withdrawal(sold: Sale) -> Withdrawal:
    return declare(sold.id, name="Ada", email="ada@example.com", statement=None, at=moment())


def withdrawn(sold: Sale) -> WithdrawalDeclared:
    declared = withdrawal(sold)
    return WithdrawalDeclared(
        id=MessageId(f"withdrawal:{declared.id}"),
        occurred_at=moment(),
        source=Source.STOREFRONT,
        sale_id=sold.id,
        withdrawal_id=declared.id,
    )


def as_role(database_url: str, role: str) -> str:
    return f"{database_url}?role={role}"


async def test_checkout_api_can_do_its_work(database_url: str) -> None:
    placed = order()
    opened = sale(placed)
    async with in_postgres(as_role(database_url, CHECKOUT_API)) as storage:
        await messages(storage)
        async with storage.begin() as uow:
            assert await uow.products.all() == []
            await uow.idempotency_keys.claim("key", b"body", at=moment(), until=moment(30))
            await uow.sales.add(opened, placed)
            await uow.idempotency_keys.bind("key", opened.id)
            await uow.sales.session_opened(opened.id, CheckoutSession(SessionId("cs_1"), "https://pay.test"))
            await uow.idempotency_keys.release("key", done=True)
            await uow.timeline.note(Entry(subject=opened.id, at=moment(), kind="sale.opened", what="new"))
        async with storage.begin() as uow:
            assert await uow.sales.find(opened.id)
            assert await uow.sales.session(opened.id)
            assert await uow.sales.shipment(opened.id) is None
            assert await uow.sales.subscription(opened.id) is None
            assert await uow.accounts.live_subscriptions(EmailKey("ada@example.com")) == []
            assert await uow.accounts.organisations_of(EmailKey("ada@example.com")) == []
            assert await uow.sales.open_order(placed, at=moment()) == opened.id
            link = PortalLinkId("link_1")
            await uow.portal_links.request(link, opened.email_key, at=moment())
            assert await uow.portal_links.use(token_hash("t"), at=moment()) is None
            await uow.portal_links.give_back(link)
            assert not await uow.sales.introduced(opened.id)
            for _ in range(2):
                assert await uow.withdrawals.add(withdrawal(opened), most=1)
            await uow.events.put(withdrawn(opened))
        assert set(await storage.sale_versions.of([opened.id])) == {opened.id}
    ada = account()
    async with in_postgres(database_url) as owner:
        await owner.apply([subscription_changed()], writing(ada))
        async with owner.begin() as uow:
            await uow.invitations.issue(
                Invitation(token_hash=token_hash("t"), user_id=ada.admin.id, expires_at=moment(60))
            )
    async with in_postgres(as_role(database_url, CHECKOUT_API)) as storage, storage.begin() as uow:
        assert await uow.invitations.redeem(token_hash("t"), at=moment())
        assert await uow.invitations.redeem(token_hash("t"), at=moment()) is InvitationEnd.USED


async def test_billing_worker_can_do_its_work(postgres: Storage, database_url: str) -> None:
    placed = order()
    opened = sale(placed)
    async with postgres.begin() as uow:
        await uow.sales.add(opened, placed)
    ada = account()
    event = checkout_completed(opened.id)
    outcome = Outcome(
        written=pages(opened, ada, subscription(), Payment(id=opened.id), Shipment(sale_id=opened.id)),
        commands=(
            ShipDevices(
                id=MessageId("shipment:1"), occurred_at=moment(), source=Source.STRIPE, sale_id=opened.id
            ),
        ),
        entries=(Entry(subject=opened.id, at=moment(), kind="sale.paid", what="paid"),),
        parked=(FailedEvent(event=event, reason="r", trace="t"),),
    )
    async with in_postgres(as_role(database_url, BILLING_WORKER)) as storage:
        await messages(storage)
        await park(storage)
        for one in (event, checkout_completed(opened.id)):
            await storage.apply([one], leading_to(outcome))
        await storage.outbox.drain_once(publish)
        since, until = utc_now() - timedelta(minutes=1), utc_now() + timedelta(minutes=1)
        [sent] = await storage.published.unprocessed(["billing.commands.*"], since=since, until=until)
        await storage.published.publish_again([sent.id], until=until)
        await storage.published.mark_processed(sent.id)
        watching = Watching()
        await storage.apply([checkout_completed(opened.id)], watching)
        assert watching.loaded.accounts
        async with storage.begin() as uow:
            assert await uow.sales.find(opened.id) == (opened, placed)
            assert await uow.accounts.of(ada.organisation.id) == ada
            await uow.invitations.issue(
                Invitation(token_hash=token_hash("t"), user_id=ada.admin.id, expires_at=moment(60))
            )
            assert await uow.invitations.renewable(token_hash("t")) == ada
            assert not await uow.invitations.issued_since(ada.admin.id, moment(), beside=token_hash("t"))
            assert await uow.emails.claim(
                "k", kind="k", to="t", subject="s", sale_id=None, at=moment(), until=moment(9)
            )
            await uow.emails.sent("k", to="ada@example.com", message_id="m", at=moment())
            assert await uow.sales.shipment(opened.id) == Shipment(sale_id=opened.id)
            link = PortalLinkId("link_1")
            await uow.portal_links.drop_older(moment())
            assert await uow.portal_links.requested(link) is None
            assert await uow.portal_links.addressee(opened.email_key) is None
            assert not await uow.portal_links.has_unused(opened.email_key, beside=link, since=moment())
            await uow.portal_links.issue(link, token_hash("t"), until=moment())
            await uow.portal_links.drop(link)
            assert await uow.withdrawals.find(withdrawal(opened).id) is None
            assert await uow.sales.open_pages(opened.email_key, opened.organisation) == []
            await uow.timeline.note(Entry(subject=opened.id, at=moment(), kind="email.sent", what="sent"))


async def test_billing_worker_can_do_its_jobs(database_url: str) -> None:
    owner = Owner(
        subscription_id=SubscriptionId("sub_9"),
        organisation="o",
        name="n",
        email="a@b.test",
        email_key=EmailKey("a@b.test"),
    )
    async with in_postgres(as_role(database_url, BILLING_WORKER)) as storage, storage.begin() as uow:
        for _ in range(2):
            await uow.owners.put(owner)
        assert await uow.owners.payer(owner.subscription_id)
    async with create_pool(as_role(database_url, BILLING_WORKER), name="test") as pool:
        for _ in range(2):
            await PostgresRateLimiter(pool, "stripe", 10.0).turn()
            await PostgresProviderStatus(pool, "stripe").pause(1.0, reason="429")
            await PostgresProviderStatus(pool, "stripe").refused("401")
            await PostgresProviderStatus(pool, "stripe").accepted()
            assert await PostgresProviderStatus(pool, "stripe").state()
        flight = PostgresSingleFlight(pool)
        assert await flight.claim("sub_9", since=moment(), at=moment(), until=moment(9))
        await flight.answered("sub_9")
        await flight.release("sub_9")
        assert await flight.claim("sub_9", since=moment(20), at=moment(20), until=moment(29))
        for table in PurgedTable:
            assert await PostgresRetention(pool).purge(table, older_than=timedelta(days=8), most=1) == 0
        letter = DeadLetter(message_id=MessageId("evt_a"), subject="s", payload=b"", reason="r")
        await PostgresDeadLetterAdvisories(pool).keep(letter, "BILLING:1", moment())
        await reconcile(PostgresReconciliationState(pool))


async def reconcile(state: PostgresReconciliationState) -> None:
    """What the worker and the operator do to reconcile."""
    for _ in range(2):
        await state.move("events", Cursor(since=moment()))
    assert await state.cursor("events")
    finding = Finding(
        kind=FindingKind.MISSED, event_id=MessageId("evt_m"), type="t", what="w", occurred_at=moment()
    )
    await state.keep([finding])
    assert await state.known([MessageId("evt_m")]) == {}
    assert await state.open_sales(since=None, until=moment(10**6)) == []
    assert await state.awaited([SaleId("sale_1")]) == frozenset()
    assert len(await state.news([receipt(subscription_changed()), receipt(invoice_paid())])) == 2
    assert await state.came_late() == []
    assert (await state.silence(since=moment())).missed == 0


FORBIDDEN = [
    "DROP TABLE sales",
    "TRUNCATE outbox",
    "CREATE TABLE mine (id int)",
    "DELETE FROM webhook_events",
    "UPDATE webhook_events SET body = ''",
    "DELETE FROM timeline",
    "UPDATE timeline SET what = ''",
    "UPDATE products SET unit_amount = 1",
    "DELETE FROM sales",
    "UPDATE sales SET email = '', total = 1",
    "UPDATE sale_lines SET unit_amount = 1",
    "DELETE FROM dead_letters",
    "UPDATE alembic_version SET version_num = '0'",
]
FORBIDDEN_TO = {
    CHECKOUT_API: [
        "UPDATE outbox SET payload = ''",
        "SELECT message_id FROM processed_messages",
        "UPDATE sales SET paid_at = now()",
        "INSERT INTO subscriptions (id, status, reported_at) VALUES ('s', 'active', now())",
        "INSERT INTO users (id) VALUES ('u')",
        "UPDATE invitations SET expires_at = now()",
        "SELECT * FROM emails",
        "SELECT recipient FROM emails",
        "UPDATE withdrawals SET statement = ''",
        "DELETE FROM withdrawals",
    ],
    BILLING_WORKER: [
        "INSERT INTO sales (id) VALUES ('s')",
        "UPDATE sales SET checkout_url = ''",
        "UPDATE withdrawals SET statement = ''",
        "SELECT * FROM idempotency_keys",
        "UPDATE outbox SET payload = ''",
        "DELETE FROM processed_messages",
    ],
    OPERATOR: [
        "INSERT INTO sales (id) VALUES ('s')",
        "UPDATE sales SET status = 'paid'",
        "SELECT * FROM idempotency_keys",
        "SELECT * FROM invitations",
    ],
}


@pytest.mark.parametrize("role", RIGHTS)
async def test_what_is_not_granted_is_forbidden(database_url: str, role: str) -> None:
    connection = await asyncpg.connect(as_role(database_url, role))
    try:
        for statement in FORBIDDEN + FORBIDDEN_TO[role]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_catalogue_is_read_by_those_who_show_it(postgres: Storage, database_url: str) -> None:
    async with postgres.begin() as uow:
        await uow.products.put([SENSOR])
    for role in (CHECKOUT_API, OPERATOR):
        async with in_postgres(as_role(database_url, role)) as storage, storage.begin() as uow:
            assert await uow.products.all() == [SENSOR]


@pytest.mark.parametrize("role", RIGHTS)
async def test_a_role_can_tell_whether_schema_and_outbox_are_behind(database_url: str, role: str) -> None:
    async with create_pool(as_role(database_url, role), name="test") as pool:
        assert await behind(pool) is None
        assert (await PostgresOutbox(pool).backlog()).waiting == 0


def test_rights_name_only_tables_that_exist() -> None:
    tables = {*metadata.tables, "alembic_version"}
    assert all(set(rights) <= tables for rights in RIGHTS.values())
