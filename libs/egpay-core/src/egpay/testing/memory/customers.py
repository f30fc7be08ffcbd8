"""In-memory accounts and e-mail log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.account import Account
from egpay.domain.errors import HeldByAnother
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import EmailKey, OrganisationId, SaleId
from egpay.ports.storage import LiveSubscription
from egpay.testing.memory.store import SentEmail, Tables
from egpay.testing.memory.whose import organisations_of, subscriptions_of


@dataclass(frozen=True, slots=True)
class MemoryAccounts:
    """Port `Accounts` over tables in memory."""

    tables: Tables

    async def live_subscriptions(self, key: EmailKey) -> Sequence[LiveSubscription]:
        """Those that go on, of the e-mail's organisations or of sales to it, newest reported first."""
        live = [
            one
            for one in subscriptions_of(self.tables, key)
            if ((one.goes_on and self._settled(one)) or self._paid_before_reported(one, key))
            and one.cancel_at is None
        ]
        live.sort(key=lambda one: one.reported_at, reverse=True)
        return [
            LiveSubscription(id=one.id, sale_id=one.sale_id, organisation=self._organisation(one))
            for one in live
        ]

    async def organisations_of(self, key: EmailKey) -> Sequence[str]:
        """The names of the organisations that this e-mail is an admin of."""
        accounts = self.tables.accounts
        return [accounts[each].organisation.name for each in sorted(organisations_of(self.tables, key))]

    def _organisation(self, one: Subscription) -> str:
        if one.organisation_id is not None:
            return self.tables.accounts[one.organisation_id].organisation.name
        sales = self.tables.sales.values()
        return next(
            sale.organisation for sale in sales if one.id == sale.subscription_id or one.sale_id == sale.id
        )

    def _settled(self, one: Subscription) -> bool:
        sale = self.tables.sales.get(one.sale_id) if one.sale_id else None
        return one.sale_id is None or one.welcomed or (sale is not None and sale.paid)

    def _paid_before_reported(self, one: Subscription, key: EmailKey) -> bool:
        sale = self.tables.sales.get(one.sale_id) if one.sale_id else None
        if sale is None or sale.paid_at is None or sale.email_key != key:
            return False
        counts = sale.paid_at >= one.reported_at and not sale.refunded and not sale.cancelled
        return one.status is SubscriptionStatus.INCOMPLETE and counts

    async def of(self, organisation: OrganisationId) -> Account | None:
        """The organisation and its admin."""
        return self.tables.accounts.get(organisation)


@dataclass(frozen=True, slots=True)
class MemoryEmails:
    """Port `EmailLog` over tables in memory."""

    tables: Tables

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
        """Claim this e-mail until a time."""
        known = self.tables.emails.get(key)
        if known and known.sent_at is not None:
            return False
        if known and known.claimed_until > at:
            wait = (known.claimed_until - at).total_seconds()
            raise HeldByAnother("this e-mail is being sent by another worker", retry_after=wait)
        self.tables.emails[key] = SentEmail(kind, to, subject, sale_id, until)
        return True

    async def release(self, key: str, *, until: datetime, at: datetime) -> None:
        """End the claim, unless it is sent or claimed again."""
        known = self.tables.emails.get(key)
        if known and known.sent_at is None and known.claimed_until == until:
            self.tables.emails[key] = replace(known, claimed_until=at)

    async def sent(self, key: str, *, to: str, message_id: str, at: datetime) -> None:
        """Mark it accepted by the mail server; the first time counts."""
        if known := self.tables.emails.get(key):
            self.tables.emails[key] = replace(
                known, to=to, message_id=message_id, sent_at=known.sent_at or at
            )
