"""E-mail log: sends one e-mail for each key, unless a crash leaves it open whether it was sent."""

from datetime import datetime

import msgspec
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import emails
from egpay.adapters.postgres.unit_of_work.idempotency_keys import INSERTED
from egpay.domain.errors import HeldByAnother
from egpay.domain.values import SaleId

STATE = (emails.c.sent_at, emails.c.claimed_until, INSERTED)


class PostgresEmails(msgspec.Struct, frozen=True):
    """Port `EmailLog`: claims an e-mail before it is sent, and marks it sent."""

    connection: AsyncConnection

    async def claim(
        self,
        key: str,
        *,
        kind: str,
        to: str,
        subject: str,
        sale_id: SaleId | None,
        at: datetime,
        until: datetime,
    ) -> bool:
        """Claim it until a time; the upsert locks the row, so of two at once one sees the other's claim."""
        new = insert(emails).values(
            key=key,
            kind=kind,
            recipient=to,
            subject=subject,
            sale_id=sale_id,
            claimed_until=until,
            created_at=at,
        )
        locking = new.on_conflict_do_update(index_elements=["key"], set_={"key": new.excluded.key})
        known = (await self.connection.execute(locking.returning(*STATE))).one()
        if known.inserted:
            return True
        if known.sent_at is not None:
            return False
        if known.claimed_until > at:
            raise HeldByAnother(
                "this e-mail is being sent by another worker",
                retry_after=(known.claimed_until - at).total_seconds(),
            )
        again = {
            "claimed_until": until,
            "recipient": to,
            "subject": subject,
            "attempts": emails.c.attempts + 1,
        }
        await self.connection.execute(update(emails).where(emails.c.key == key).values(**again))
        return True

    async def release(self, key: str, *, until: datetime, at: datetime) -> None:
        """End the claim, unless it is sent or claimed again."""
        ours = (emails.c.key == key, emails.c.claimed_until == until, emails.c.sent_at.is_(None))
        await self.connection.execute(update(emails).where(*ours).values(claimed_until=at))

    async def sent(self, key: str, *, to: str, message_id: str, at: datetime) -> None:
        """Mark it accepted by the mail server; the first time counts."""
        await self.connection.execute(
            update(emails)
            .where(emails.c.key == key)
            .values(recipient=to, message_id=message_id, sent_at=func.coalesce(emails.c.sent_at, at))
        )
