"""Introduction queries: find accounts to invite, by adoption or by name, and request their introduction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.unit_of_work.commands import PostgresCommands
from egpay.adapters.postgres.unit_of_work.rows import value
from egpay.adapters.postgres.unit_of_work.timeline import PostgresTimeline
from egpay.domain.commands import SendIntroduction
from egpay.domain.order import fold_name
from egpay.domain.subscription import LIVE
from egpay.domain.timeline import Entry
from egpay.domain.values import OrganisationId, email_key
from egpay.ports.introductions import InvitedAccount, OpenIntroductions

# The first introduction bears the organisation's id alone, a requested one is on the timeline under it.
_REQUESTED = """
    greatest(
        (SELECT created_at FROM outbox WHERE message_id = 'introduction:' || organisations.id),
        (SELECT created_at FROM emails WHERE key = 'introduction:' || organisations.id),
        (SELECT max(at) FROM timeline WHERE subject = organisations.id AND kind = 'introduction.requested')
    )
"""

_ADOPTED = text(f"""
    SELECT organisations.id FROM organisations
    WHERE EXISTS (
        SELECT FROM subscriptions
        WHERE subscriptions.organisation_id = organisations.id AND adopted AND status = ANY(:live)
    ) AND EXISTS (
        SELECT FROM users JOIN memberships ON memberships.user_id = users.id
        WHERE memberships.organisation_id = organisations.id AND users.status = 'invited'
    ) AND {_REQUESTED} IS NULL
    ORDER BY organisations.created_at, organisations.id
""")  # noqa: S608 - built from conditions of ours only

_NAMED = text("""
    SELECT DISTINCT organisations.id FROM organisations
    LEFT JOIN memberships ON memberships.organisation_id = organisations.id
    LEFT JOIN users ON users.id = memberships.user_id
    WHERE organisations.id = :who OR users.id = :who OR users.email_key = :email_key
       OR lower(organisations.name) = lower(:who)
    ORDER BY 1
""")

_ADMIN = """
    FROM users JOIN memberships ON memberships.user_id = users.id
    WHERE memberships.organisation_id = :organisation AND memberships.role = 'admin'
    ORDER BY memberships.created_at, users.id LIMIT 1
"""
_KEY = text(f"""
    SELECT admin.email_key, organisations.name FROM organisations, (SELECT email_key {_ADMIN}) AS admin
    WHERE organisations.id = :organisation
""")  # noqa: S608 - as above
_ACCOUNT = text(f"""
    SELECT organisations.id AS organisation_id, admin.email_key, admin.status, {_REQUESTED} AS requested_at,
        (SELECT sale_id FROM subscriptions WHERE subscriptions.organisation_id = organisations.id
         AND sale_id IS NOT NULL ORDER BY created_at, id LIMIT 1) AS sale_id,
        (SELECT id FROM subscriptions WHERE subscriptions.organisation_id = organisations.id
         ORDER BY created_at, id LIMIT 1) AS subscription_id,
        ARRAY(
            SELECT id FROM sales WHERE sales.email_key = admin.email_key AND (
                sales.organisation_id = organisations.id OR sales.organisation_key = :name_key
                OR id IN (SELECT sale_id FROM subscriptions WHERE subscriptions.organisation_id = organisations.id)
            ) ORDER BY id
        ) AS sales
    FROM organisations, (SELECT email_key, status {_ADMIN}) AS admin
    WHERE organisations.id = :organisation
""")  # noqa: S608 - as above


class PostgresIntroductions(msgspec.Struct, frozen=True):
    """Port `IntroductionTransaction` over one connection."""

    connection: AsyncConnection

    async def adopted(self) -> Sequence[OrganisationId]:
        """The adopted organisations without an introduction."""
        live = sorted(status.value for status in LIVE)
        return [OrganisationId(name) for name in await self.connection.scalars(_ADOPTED, {"live": live})]

    async def named(self, who: str) -> Sequence[OrganisationId]:
        """The organisations that this may be."""
        given = {"who": who.strip(), "email_key": email_key(who)}
        return [OrganisationId(name) for name in await self.connection.scalars(_NAMED, given)]

    async def hold(self, organisation: OrganisationId) -> InvitedAccount | None:
        """Lock by the admin's e-mail, as the books do, then load: a statement sees what was committed before it."""
        which: dict[str, str] = {"organisation": organisation}
        admin = (await self.connection.execute(_KEY, which)).one_or_none()
        if admin is None:
            return None
        key, name = admin
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([advisory_locks.account(key)],))
        which["name_key"] = fold_name(name)
        found = (await self.connection.execute(_ACCOUNT, which)).mappings().one_or_none()
        return None if found is None else value(found, InvitedAccount)

    async def request(self, command: SendIntroduction, entry: Entry) -> None:
        """Store both in this transaction."""
        await PostgresCommands(self.connection).put(command)
        await PostgresTimeline(self.connection).note(entry)


def open_introductions(engine: AsyncEngine) -> OpenIntroductions:
    """Open transactions on this engine."""
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[PostgresIntroductions]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield PostgresIntroductions(connection)
