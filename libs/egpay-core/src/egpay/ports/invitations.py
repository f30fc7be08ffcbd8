"""Invitations: links of introduction e-mails, by the hash of their token; each lets one admin enter once."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.account import Account, Invitation
from egpay.domain.values import OrganisationId, SaleId, UserId


class InvitationEnd(StrEnum):
    """Why a token does not work: its user has entered, or it is unknown, void or past its time."""

    USED = "used"
    EXPIRED = "expired"


class RedeemedInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """The user who has entered, and the organisation that the link was for; `sale_id` is where it began."""

    user_id: UserId
    organisation_id: OrganisationId
    organisation: str
    email: str
    sale_id: SaleId | None = None


class Invitations(Protocol):
    """Invitation repository; it stores the hash of a token, never the token.

    An invitation holds for the address that it was mailed to: when an operator has corrected the user's, every earlier
    one is as if it were unknown, also for a renewal, and after an eviction.
    """

    async def issue(self, invitation: Invitation) -> bool:
        """Store the one valid invitation of a user: the same again lasts longer, any other ends.

        False, and nothing is stored, when the user has entered.
        """
        ...

    async def redeem(self, token_hash: bytes, *, at: datetime) -> RedeemedInvitation | InvitationEnd:
        """Use the invitation of a token, once, and make its user active; or why that cannot be."""
        ...

    async def renewable(self, token_hash: bytes) -> Account | None:
        """The account that a token invited to, under its lock; None when it is unknown, void or entered."""
        ...

    async def issued_since(self, user_id: UserId, since: datetime, *, beside: bytes) -> bool:
        """Whether another invitation of this user was issued since then."""
        ...
