"""In-memory invitations."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from egpay.domain.account import Account, Invitation, UserStatus, address_hash
from egpay.domain.values import UserId
from egpay.ports.invitations import InvitationEnd, RedeemedInvitation
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryInvitations:
    """Port `Invitations` over tables in memory."""

    tables: Tables

    async def issue(self, invitation: Invitation) -> bool:
        """Store the one valid invitation of a user who has not entered."""
        rows, used = self.tables.invitations, self.tables.used_invitations
        if any(self._has_entered(one) for one in self._accounts_of(invitation.user_id)):
            return False
        for token, other in rows.items():
            if other.user_id == invitation.user_id and token not in used:
                rows[token] = structs.replace(other, expires_at=min(other.expires_at, invitation.issued_at))
        if invitation.token_hash not in used:
            rows[invitation.token_hash] = invitation
        return True

    async def redeem(self, token_hash: bytes, *, at: datetime) -> RedeemedInvitation | InvitationEnd:
        """Use it once, and make its user active in all of the user's organisations."""
        known, account = self.tables.invitations.get(token_hash), self._account(token_hash)
        if known is None or account is None:
            return InvitationEnd.EXPIRED
        if self._has_entered(account):
            return InvitationEnd.USED
        if token_hash in self.tables.used_invitations or known.expires_at <= at:
            return InvitationEnd.EXPIRED
        self.tables.used_invitations[token_hash] = at
        for one in self._accounts_of(known.user_id):
            admin = structs.replace(one.admin, status=UserStatus.ACTIVE)
            self.tables.accounts[one.organisation.id] = structs.replace(one, admin=admin)
        began = [
            one.sale_id
            for _, one in sorted(self.tables.subscriptions.items())
            if one.organisation_id == account.organisation.id and one.sale_id
        ]
        return RedeemedInvitation(
            user_id=known.user_id,
            organisation_id=account.organisation.id,
            organisation=account.organisation.name,
            email=account.admin.email,
            sale_id=next(iter(began), None),
        )

    async def renewable(self, token_hash: bytes) -> Account | None:
        """The account that a token invited to, unless its user has entered."""
        account = self._account(token_hash)
        return account if account and not self._has_entered(account) else None

    async def issued_since(self, user_id: UserId, since: datetime, *, beside: bytes) -> bool:
        """Whether another one was issued since then."""
        return any(
            one.user_id == user_id and one.issued_at > since
            for token, one in self.tables.invitations.items()
            if token != beside
        )

    def _account(self, token_hash: bytes) -> Account | None:
        """The account of a token that is for the address on record; the user's first one where it names none."""
        known = self.tables.invitations.get(token_hash)
        if known is None:
            return None
        named = self.tables.accounts.get(known.organisation_id) if known.organisation_id else None
        account = named or next((one for one in self._accounts_of(known.user_id) if one.is_first), None)
        if account is None or known.email_hash not in (None, address_hash(account.admin.email_key)):
            return None
        return account

    def _accounts_of(self, user_id: UserId) -> list[Account]:
        return [one for one in self.tables.accounts.values() if one.admin.id == user_id]

    @staticmethod
    def _has_entered(account: Account) -> bool:
        return account.admin.status is UserStatus.ACTIVE
