"""Grace periods that end without any event."""

from datetime import UTC, datetime, timedelta

from billing_worker.inbound.fold_batch import fold
from billing_worker.jobs.access_expiry import AccessExpiryJob
from egpay.domain.access import Access, AccessLevel
from egpay.domain.events import AccessDue, BillingEvent
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, OrganisationId
from egpay.testing.builders import account, moment, subscription
from egpay.testing.memory import MemoryBooks, MemoryInbox, MemoryStore
from egpay.testing.memory.due_accesses import MemoryDueAccesses

DUE = moment()
END = DUE + timedelta(days=14)
STATES = {True: SubscriptionStatus.PAST_DUE, False: SubscriptionStatus.ACTIVE}


def overdue(number: int, store: MemoryStore, *, stored: bool = True, late: bool = True) -> OrganisationId:
    """An organisation whose renewal fell due at `DUE`."""
    name = f"sub_{number}"
    owner = account(f"{number}@example.com", opened_by=name)
    key = owner.organisation.id
    store.tables.accounts[key] = owner
    held = subscription(
        name,
        status=STATES[late],
        organisation_id=key,
        settled=True,
        customer_id=f"cus_{number}",
        renewals={InvoiceId("in_2"): DUE} if late else {},
    )
    store.tables.subscriptions[held.id] = held
    if stored:
        store.tables.accesses[key] = Access(
            organisation_id=key,
            level=AccessLevel.GRACE,
            why="past_due",
            subscription_id=held.id,
            seats=1,
            until=END,
            version=4,
        )
    return key


def job(store: MemoryStore, at: datetime, **changes: int) -> AccessExpiryJob:
    return AccessExpiryJob(MemoryDueAccesses(store), MemoryInbox(store), clock=lambda: at, **changes)


def recorded(store: MemoryStore) -> list[BillingEvent]:
    return [one.event for one in store.tables.webhook_events.values() if one.event]


async def worked_on(store: MemoryStore) -> None:
    await MemoryBooks(store).apply(recorded(store), fold, payloads=None)


async def test_grace_becomes_none_when_its_time_has_passed_and_the_product_hears_it() -> None:
    store = MemoryStore()
    key = overdue(1, store)
    assert await job(store, END - timedelta(seconds=1)).turn() == 0
    assert await job(store, END).turn() == 1
    await worked_on(store)
    given = store.tables.accesses[key]
    assert (given.level, given.why, given.version, given.elapsed) == ("none", "grace_over", 5, END)
    told = store.tables.outbox[f"public:access:{key}:5"]  # type: ignore[index]
    assert told.subject == "billing.public.access.changed"
    assert await job(store, END + timedelta(days=1)).turn() == 0


async def test_two_workers_and_one_that_died_report_an_end_once() -> None:
    store = MemoryStore()
    overdue(1, store)
    assert [await job(store, END).turn() for _ in range(3)] == [1, 0, 0]
    assert len(recorded(store)) == 1


async def test_one_turn_reports_no_more_than_its_bound_and_the_next_ones_the_rest() -> None:
    store = MemoryStore()
    for number in range(5):
        overdue(number, store)
    found = []
    for _ in range(4):
        found.append(await job(store, END, most=2).turn())
        await worked_on(store)
    assert found == [2, 2, 1, 0]


async def test_an_organisation_from_before_access_was_stored_gets_its_own() -> None:
    store = MemoryStore()
    keys = {overdue(number, store, stored=False, late=number > 1) for number in range(3)}
    watch = job(store, datetime(2026, 1, 1, tzinfo=UTC), most=2)
    for _ in range(2):
        await watch.turn()
        await worked_on(store)
    assert sorted(one.level.value for one in store.tables.accesses.values()) == ["full", "full", "grace"]
    assert store.tables.accesses.keys() == keys
    assert all(isinstance(event, AccessDue) and event.elapsed is None for event in recorded(store))
    assert await watch.turn() == 0
