"""Portal links: our own links, by e-mail, that open the provider's billing portal once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import CustomerId, EmailKey

OpenPortal: TypeAlias = Callable[[CustomerId, str, str], Awaitable[str]]
"""Open a fresh portal session of a customer, under an idempotency key; return its URL.

It leads back to the storefront with a customer token, the last argument.

Raises Outage when the provider is down, slow or asks for a later retry, and Defect when it refuses."""


class UsedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that was just used, whose it is, and the customer of the subscription that is live now."""

    id: PortalLinkId
    email_key: EmailKey
    customer_id: CustomerId


class PortalLinks(Protocol):
    """Portal link repository; it stores the hash of a token, never the token."""

    async def request(self, link: PortalLinkId, key: EmailKey, *, at: datetime) -> None:
        """Store that a link was requested for an e-mail, known or not."""
        ...

    async def requested(self, link: PortalLinkId) -> EmailKey | None:
        """The e-mail of a request, locked until the transaction ends; None when it was dropped."""
        ...

    async def addressee(self, key: EmailKey) -> str | None:
        """The address on record of the e-mail's live subscription; None where there is none with a customer."""
        ...

    async def has_unused(self, key: EmailKey, *, beside: PortalLinkId, since: datetime) -> bool:
        """Whether another link of this e-mail was requested since then, was issued, and is unused."""
        ...

    async def issue(self, link: PortalLinkId, token_hash: bytes, *, until: datetime) -> None:
        """Store the hash of the token under which the link works until a time."""
        ...

    async def drop(self, link: PortalLinkId) -> None:
        """Delete a request that leads to no link."""
        ...

    async def drop_older(self, than: datetime) -> None:
        """Delete what was requested before a time."""
        ...

    async def use(self, token_hash: bytes, *, at: datetime) -> UsedLink | None:
        """Use the link of a token, once; None when it is unknown, used or expired, or nothing is live."""
        ...

    async def give_back(self, link: PortalLinkId) -> None:
        """Make a used link usable again, because the portal could not be opened."""
        ...

    async def issue_customer_token(
        self, token_hash: bytes, key: EmailKey, *, at: datetime, until: datetime
    ) -> None:
        """Store the hash of a token that proves, until a time, that an order comes from this e-mail's owner."""
        ...

    async def known_customer(
        self, token_hash: bytes, key: EmailKey, *, organisation: str, currency: str, at: datetime
    ) -> CustomerId | None:
        """The customer that an order of this e-mail uses again, because its token proves whose it is.

        That of a live subscription of the organisation of this name, bought in this currency; None where there is none,
        and where the token is unknown, expired, or of another e-mail.
        """
        ...
