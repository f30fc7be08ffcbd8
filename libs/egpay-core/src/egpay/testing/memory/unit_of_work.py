"""In-memory unit of work: copies the tables when it begins, commits the copy when it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from egpay.ports.storage import Begin, UnitOfWork
from egpay.testing.memory.customers import MemoryAccounts, MemoryEmails
from egpay.testing.memory.invitations import MemoryInvitations
from egpay.testing.memory.keys import MemoryIdempotencyKeys
from egpay.testing.memory.letter_facts import MemoryLetterFacts
from egpay.testing.memory.owners import MemoryOwners
from egpay.testing.memory.portal_links import MemoryPortalLinks
from egpay.testing.memory.provider_customers import MemoryCustomers
from egpay.testing.memory.selling import MemoryProducts, MemorySales
from egpay.testing.memory.store import MemoryStore
from egpay.testing.memory.withdrawals import MemoryWithdrawals
from egpay.testing.memory.writing import MemoryCommands, MemoryOwnEvents, MemoryTimeline


def memory_unit_of_work(store: MemoryStore) -> Begin:
    """Open transactions on this store, one after another."""
    return partial(_transaction, store)


@asynccontextmanager
async def _transaction(store: MemoryStore) -> AsyncIterator[UnitOfWork]:
    async with store.transaction() as tables:
        yield UnitOfWork(
            products=MemoryProducts(tables),
            sales=MemorySales(tables),
            idempotency_keys=MemoryIdempotencyKeys(tables),
            accounts=MemoryAccounts(tables),
            invitations=MemoryInvitations(tables),
            customers=MemoryCustomers(tables),
            owners=MemoryOwners(tables),
            emails=MemoryEmails(tables),
            timeline=MemoryTimeline(tables),
            commands=MemoryCommands(tables),
            events=MemoryOwnEvents(tables),
            withdrawals=MemoryWithdrawals(tables),
            portal_links=MemoryPortalLinks(tables),
            letter_facts=MemoryLetterFacts(tables),
        )
