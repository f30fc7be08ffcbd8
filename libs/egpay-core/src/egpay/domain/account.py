"""Who is let in: an organisation and its admin, found again by the admin's e-mail."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from egpay.domain.values import EmailKey, OrganisationId, SubscriptionId, UserId

INVITATION_LIFETIME = timedelta(days=14)
"""How long the link of an introduction e-mail opens the account."""


class UserStatus(StrEnum):
    """Invited until the link of the introduction e-mail was followed."""

    INVITED = "invited"
    ACTIVE = "active"


class OrganisationSource(StrEnum):
    """A sale of ours, or a subscription that was made at the provider."""

    SALE = "sale"
    EXTERNAL = "external"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of EG."""

    id: OrganisationId
    name: str
    source: OrganisationSource = OrganisationSource.SALE


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person of an organisation; the admin is the first."""

    id: UserId
    organisation_id: OrganisationId
    email: str
    email_key: EmailKey
    name: str
    role: str = "admin"
    status: UserStatus = UserStatus.INVITED


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation with its admin, the unit that a subscription opens."""

    organisation: Organisation
    admin: User


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """The right to enter once, kept only as the SHA-256 of its token; `expires_at` in UTC."""

    token_hash: bytes
    user_id: UserId
    expires_at: datetime


def open_account(
    *,
    organisation: str,
    name: str,
    email: str,
    key: EmailKey,
    opened_by: SubscriptionId,
    source: OrganisationSource = OrganisationSource.SALE,
) -> Account:
    """Found the organisation and its admin. Their ids follow from the subscription that opened the account, so
    that founding it twice founds it once."""
    digest = hashlib.sha256(opened_by.encode()).hexdigest()[:24]
    founded = Organisation(id=OrganisationId(f"org_{digest}"), name=organisation, source=source)
    admin = User(
        id=UserId(f"usr_{digest}"), organisation_id=founded.id, email=email, email_key=key, name=name
    )
    return Account(organisation=founded, admin=admin)


def token_hash(token: str) -> bytes:
    """What is stored of an invitation's token: enough to recognise it, too little to use it."""
    return hashlib.sha256(token.encode()).digest()
