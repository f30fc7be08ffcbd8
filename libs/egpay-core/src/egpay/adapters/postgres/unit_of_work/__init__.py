"""Unit of work: one transaction with its repositories, which rolls back when the block raises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.unit_of_work.accounts import PostgresAccounts
from egpay.adapters.postgres.unit_of_work.commands import PostgresCommands, PostgresOwnEvents
from egpay.adapters.postgres.unit_of_work.customers import PostgresCustomers
from egpay.adapters.postgres.unit_of_work.emails import PostgresEmails
from egpay.adapters.postgres.unit_of_work.idempotency_keys import PostgresIdempotencyKeys
from egpay.adapters.postgres.unit_of_work.invitations import PostgresInvitations
from egpay.adapters.postgres.unit_of_work.letter_facts import PostgresLetterFacts
from egpay.adapters.postgres.unit_of_work.owners import PostgresOwners
from egpay.adapters.postgres.unit_of_work.portal_links import PostgresPortalLinks
from egpay.adapters.postgres.unit_of_work.products import PostgresProducts
from egpay.adapters.postgres.unit_of_work.sales import PostgresSales
from egpay.adapters.postgres.unit_of_work.timeline import PostgresTimeline
from egpay.adapters.postgres.unit_of_work.withdrawals import PostgresWithdrawals
from egpay.ports.storage import Begin, UnitOfWork


def unit_of_work(engine: AsyncEngine) -> Begin:
    """Open transactions on this engine, each on a connection of its own.

    A block raises Outage when the database does not answer, and Defect when it refuses the data.
    """
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[UnitOfWork]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield UnitOfWork(
                products=PostgresProducts(connection),
                sales=PostgresSales(connection),
                idempotency_keys=PostgresIdempotencyKeys(connection),
                accounts=PostgresAccounts(connection),
                invitations=PostgresInvitations(connection),
                customers=PostgresCustomers(connection),
                owners=PostgresOwners(connection),
                emails=PostgresEmails(connection),
                timeline=PostgresTimeline(connection),
                commands=PostgresCommands(connection),
                events=PostgresOwnEvents(connection),
                withdrawals=PostgresWithdrawals(connection),
                portal_links=PostgresPortalLinks(connection),
                letter_facts=PostgresLetterFacts(connection),
            )
