"""Invitations: the token of an introduction e-mail lets its admin in once, and may be exchanged for a new e-mail."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from checkout_api.usecases.errors import InvalidOrder, InvitationExpired, InvitationUsed
from checkout_api.usecases.form_parser import parse_form
from egpay.domain.account import RENEWAL_INTERVAL, token_hash
from egpay.domain.commands import RenewInvitation
from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, OrganisationId, UserId
from egpay.ports.clock import Clock
from egpay.ports.invitations import InvitationEnd, RedeemedInvitation
from egpay.ports.storage import Begin

TokenText = Annotated[
    str,
    msgspec.Meta(
        pattern="^[A-Za-z0-9_-]{1,200}$",
        extra={"must": "be the token as it stands in the link of the e-mail"},
    ),
]


class InvitationForm(msgspec.Struct, frozen=True, kw_only=True):
    """The token of an introduction e-mail: what stands behind `#token=` in its link."""

    token: TokenText


class EnteredUser(msgspec.Struct, frozen=True, kw_only=True):
    """Who has entered, for which organisation, and where the product is."""

    user_id: UserId
    organisation_id: OrganisationId
    organisation: str
    email: str
    app_url: str


@dataclass(frozen=True, slots=True)
class RedeemInvitation:
    """Redeems an invitation: marks it used and its user active in one transaction, once."""

    begin: Begin
    clock: Clock
    app_url: str

    async def __call__(self, body: object) -> EnteredUser:
        """Redeem the token of `body`, decoded JSON.

        Raises InvalidOrder, InvitationUsed or InvitationExpired, and Outage without the database. An unknown token is
        answered as an expired one.
        """
        token, at = _token(body), self.clock()
        async with self.begin() as uow:
            outcome = await uow.invitations.redeem(token, at=at)
            if isinstance(outcome, RedeemedInvitation):
                await uow.timeline.note(
                    Entry(
                        subject=outcome.organisation_id,
                        sale_id=outcome.sale_id,
                        at=at,
                        kind="invitation.redeemed",
                        what="its admin has entered by the link of the introduction",
                    )
                )
        match outcome:
            case InvitationEnd.USED:
                raise InvitationUsed("this link was used, and its account is entered")
            case InvitationEnd.EXPIRED:
                raise InvitationExpired("this link does not work, or not any more")
        return EnteredUser(
            user_id=outcome.user_id,
            organisation_id=outcome.organisation_id,
            organisation=outcome.organisation,
            email=outcome.email,
            app_url=self.app_url,
        )


@dataclass(frozen=True, slots=True)
class RequestRenewal:
    """Requests a new introduction by the token of an older one; the worker decides whether there is one to mail.

    The statements are the same for every token, so neither the answer nor its time says whether one is known. Equal
    requests within ten minutes are one command, so that a stranger's repetition costs no e-mail.
    """

    begin: Begin
    clock: Clock

    async def __call__(self, body: object) -> None:
        """Store the request of `body`, decoded JSON. Raises InvalidOrder, and Outage without the database."""
        token, now = _token(body).hex(), self.clock()
        period = int(now.timestamp() // RENEWAL_INTERVAL.total_seconds())
        command = RenewInvitation(
            id=MessageId(f"renew-invitation:{token}:{period}"),
            occurred_at=now,
            source=Source.STOREFRONT,
            token_hash=token,
        )
        async with self.begin() as uow:
            await uow.commands.put(command)


def _token(body: object) -> bytes:
    """The hash of the token; the token itself goes no further."""
    form = parse_form(InvitationForm, body)
    if form.errors:
        raise InvalidOrder(form.errors)
    return token_hash(form.values["token"])
