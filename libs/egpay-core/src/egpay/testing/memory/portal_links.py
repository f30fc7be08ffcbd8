"""In-memory portal links."""

from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.order import fold_name
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.sale import Sale
from egpay.domain.subscription import LIVE, Subscription
from egpay.domain.values import CustomerId, EmailKey
from egpay.ports.portal_links import UsedLink
from egpay.testing.memory.selling import newest
from egpay.testing.memory.store import RequestedLink, Tables
from egpay.testing.memory.whose import subscriptions_of


@dataclass(frozen=True, slots=True)
class MemoryPortalLinks:
    """Port `PortalLinks` over tables in memory."""

    tables: Tables

    async def request(self, link: PortalLinkId, key: EmailKey, *, at: datetime) -> None:
        """Store the request."""
        self.tables.portal_links[link] = RequestedLink(key, at)

    async def requested(self, link: PortalLinkId) -> EmailKey | None:
        """The e-mail of a request."""
        row = self.tables.portal_links.get(link)
        return row.email_key if row else None

    async def addressee(self, key: EmailKey) -> str | None:
        """The account's admin, else the buyer of the oldest sale to the e-mail."""
        live = self._live(key)
        if live is None:
            return None
        for account in self.tables.accounts.values():
            if account.admin.email_key == key:
                return account.admin.email
        sales = [sale for sale in self.tables.sales.values() if sale.email_key == key]
        return min(sales, key=lambda one: (one.created_at, one.id)).email

    async def has_unused(self, key: EmailKey, *, beside: PortalLinkId, since: datetime) -> bool:
        """Whether another one was issued and is unused."""
        return any(
            row.email_key == key and row.requested_at > since and row.token_hash and not row.used_at
            for link, row in self.tables.portal_links.items()
            if link != beside
        )

    async def issue(self, link: PortalLinkId, token_hash: bytes, *, until: datetime) -> None:
        """Store the hash."""
        row = self.tables.portal_links[link]
        self.tables.portal_links[link] = replace(row, token_hash=token_hash, expires_at=until)

    async def drop(self, link: PortalLinkId) -> None:
        """Delete it."""
        self.tables.portal_links.pop(link, None)

    async def drop_older(self, than: datetime) -> None:
        """Delete what is old."""
        for link, row in list(self.tables.portal_links.items()):
            if row.requested_at < than:
                del self.tables.portal_links[link]

    async def use(self, token_hash: bytes, *, at: datetime) -> UsedLink | None:
        """Use it once."""
        for link, row in self.tables.portal_links.items():
            if row.token_hash != token_hash or row.used_at or row.expires_at is None or row.expires_at <= at:
                continue
            self.tables.portal_links[link] = replace(row, used_at=at)
            live = self._live(row.email_key)
            return UsedLink(id=link, email_key=row.email_key, customer_id=live[1]) if live else None
        return None

    async def give_back(self, link: PortalLinkId) -> None:
        """Make it usable again."""
        self.tables.portal_links[link] = replace(self.tables.portal_links[link], used_at=None)

    async def issue_customer_token(
        self, token_hash: bytes, key: EmailKey, *, at: datetime, until: datetime
    ) -> None:
        """Store it as a row of its own, which opens no portal."""
        self.tables.portal_links[_customer_token(token_hash)] = RequestedLink(key, at, expires_at=until)

    async def known_customer(
        self, token_hash: bytes, key: EmailKey, *, organisation: str, currency: str, at: datetime
    ) -> CustomerId | None:
        """That of a live subscription of the organisation, bought in this currency."""
        row = self.tables.portal_links.get(_customer_token(token_hash))
        if row is None or row.email_key != key or row.expires_at is None or row.expires_at <= at:
            return None
        bought = [(one, self._sale(one)) for one in subscriptions_of(self.tables, key)]
        fit = [
            one
            for one, sold in bought
            if one.status in LIVE
            and one.customer_id
            and sold
            and sold.currency == currency
            and fold_name(self._organisation(one, sold)) == fold_name(organisation)
        ]
        found = newest([one for one in fit if one.goes_on]) or newest(fit)
        return found.customer_id if found else None

    def _sale(self, one: Subscription) -> Sale | None:
        sales = self.tables.sales.values()
        return next(
            (sale for sale in sales if one.sale_id == sale.id or sale.subscription_id == one.id), None
        )

    def _organisation(self, one: Subscription, sold: Sale) -> str:
        account = self.tables.accounts.get(one.organisation_id) if one.organisation_id else None
        return account.organisation.name if account else sold.organisation

    def _live(self, key: EmailKey) -> tuple[Subscription, CustomerId] | None:
        live = [one for one in subscriptions_of(self.tables, key) if one.status in LIVE and one.customer_id]
        going_on = newest([one for one in live if one.goes_on])
        found = going_on or newest(live)
        return (found, found.customer_id) if found and found.customer_id else None


def _customer_token(token_hash: bytes) -> PortalLinkId:
    """The id of a customer token's row."""
    return PortalLinkId(f"customer:{token_hash.hex()}")
