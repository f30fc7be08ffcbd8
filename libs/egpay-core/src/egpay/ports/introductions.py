"""Introductions: what an operator sees of accounts, to invite their admins again or for the first time."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.account import UserStatus
from egpay.domain.commands import SendIntroduction
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, OrganisationId, SaleId, SubscriptionId


class InvitedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account with its admin's status, and when its introduction was requested last; None when never."""

    organisation_id: OrganisationId
    email_key: EmailKey
    status: UserStatus
    requested_at: datetime | None = None
    sale_id: SaleId | None = None
    subscription_id: SubscriptionId | None = None
    sales: tuple[SaleId, ...] = ()
    """Orders of the organisation under the admin's e-mail, by their subscription, their devices or their name."""


class IntroductionTransaction(Protocol):
    """Introduction transaction: all of its changes are committed, or none."""

    async def adopted(self) -> Sequence[OrganisationId]:
        """The organisations of live adopted subscriptions, the oldest first, that were never introduced."""
        ...

    async def named(self, who: str) -> Sequence[OrganisationId]:
        """The organisations with this id, name, admin's id or admin's e-mail, however it is spelt."""
        ...

    async def hold(self, organisation: OrganisationId) -> InvitedAccount | None:
        """Load an account and lock it until the block ends, so that of two requests one sees the other."""
        ...

    async def request(self, command: SendIntroduction, entry: Entry) -> None:
        """Put the command into the outbox, and the entry on the timeline."""
        ...


OpenIntroductions: TypeAlias = Callable[[], AbstractAsyncContextManager[IntroductionTransaction]]
"""Open a transaction. Raises Outage when the database does not answer."""
