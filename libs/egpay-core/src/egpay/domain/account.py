"""Account: an organisation with its admin, who may be admin of several; the admin is known by e-mail."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from egpay.domain.values import EmailKey, OrganisationId, SubscriptionId, UserId

INVITATION_LIFETIME = timedelta(days=14)
"""Validity of the link in an introduction e-mail."""

RENEWAL_INTERVAL = timedelta(minutes=10)
"""Least time between two introductions of one user that the holder of a link may ask for."""


class UserStatus(StrEnum):
    """Status of a user: invited until the link of the introduction e-mail was followed."""

    INVITED = "invited"
    ACTIVE = "active"


class OrganisationSource(StrEnum):
    """Source of an organisation: a sale of ours, or a subscription made at the provider."""

    SALE = "sale"
    EXTERNAL = "external"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """Organisation: a customer of EG; `public_version` counts what the product was told of it."""

    id: OrganisationId
    name: str
    source: OrganisationSource = OrganisationSource.SALE
    public_version: int = 0


class User(msgspec.Struct, frozen=True, kw_only=True):
    """User: a person, one for each e-mail; `organisation_id` is the first organisation, memberships name all."""

    id: UserId
    organisation_id: OrganisationId
    email: str
    email_key: EmailKey
    name: str
    role: str = "admin"
    status: UserStatus = UserStatus.INVITED


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """Membership: a user's role in one organisation; a user may have several."""

    user_id: UserId
    organisation_id: OrganisationId
    role: str = "admin"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Account: an organisation with its admin, the unit that a subscription opens."""

    organisation: Organisation
    admin: User

    @property
    def is_first(self) -> bool:
        """Whether it is the organisation that the admin came with, so that both are stored together."""
        return self.admin.organisation_id == self.organisation.id

    @property
    def membership(self) -> Membership:
        """The admin's place in it."""
        return Membership(user_id=self.admin.id, organisation_id=self.organisation.id, role=self.admin.role)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """Invitation: the right to enter once, stored only as the SHA-256 of its token; `expires_at` in UTC.

    `organisation_id` is where its link leads; None, as releases before 0033 write it, means the user's first one.
    `email_hash` is of the address that it was mailed to: once that is no longer the user's, it is void for good.

        issue --> VALID --redeem----------------> USED
                   |  ^
                   |  +--the same command again (its time starts again)
                   +--a newer one, 14 days------> EXPIRED --renew--> (a new one by e-mail)
                   +--another address on record-> VOID (renews nothing)
    """

    token_hash: bytes
    user_id: UserId
    expires_at: datetime
    organisation_id: OrganisationId | None = None
    email_hash: bytes | None = None

    @property
    def issued_at(self) -> datetime:
        """When it was sent; an earlier one of the user ends then."""
        return self.expires_at - INVITATION_LIFETIME


def open_account(
    *,
    organisation: str,
    name: str,
    email: str,
    key: EmailKey,
    opened_by: SubscriptionId,
    source: OrganisationSource = OrganisationSource.SALE,
) -> Account:
    """Create the organisation and its admin; idempotent for one subscription.

    Their ids are derived from the subscription that opened the account.
    """
    founded = Organisation(id=OrganisationId(f"org_{_digest(opened_by)}"), name=organisation, source=source)
    admin = User(
        id=UserId(f"usr_{_digest(opened_by)}"),
        organisation_id=founded.id,
        email=email,
        email_key=key,
        name=name,
    )
    return Account(organisation=founded, admin=admin)


def open_another(*, organisation: str, admin: User, opened_by: SubscriptionId) -> Account:
    """Create a further organisation of a known admin; idempotent for one subscription."""
    founded = Organisation(id=OrganisationId(f"org_{_digest(opened_by)}"), name=organisation)
    return Account(organisation=founded, admin=admin)


def _digest(subscription: SubscriptionId) -> str:
    return hashlib.sha256(subscription.encode()).hexdigest()[:24]


def address_hash(key: EmailKey) -> bytes:
    """Hash of the address that an invitation was mailed to: enough to see whether it is still the user's."""
    return hashlib.sha256(key.encode()).digest()


def token_hash(token: str) -> bytes:
    """Hash of an invitation's token: enough to verify the token, too little to use it."""
    return hashlib.sha256(token.encode()).digest()
