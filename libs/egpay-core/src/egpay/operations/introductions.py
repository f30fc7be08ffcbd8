"""Introductions on request: invites adopted accounts, and finds one account to invite again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from egpay.domain.account import UserStatus
from egpay.domain.commands import SendIntroduction
from egpay.domain.errors import Refusal
from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, OrganisationId
from egpay.operations.replay import ReplayRequest
from egpay.ports.clock import Clock
from egpay.ports.introductions import IntroductionTransaction, InvitedAccount, OpenIntroductions

LETTER_INTERVAL = timedelta(minutes=10)
"""Least time between two introductions of one account, so that a command may be repeated."""


class IntroductionResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result for one account: whether its introduction is requested now, and else why not."""

    organisation_id: OrganisationId
    requested: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RequestIntroductions:
    """Requests introductions: the command goes through the outbox as if the worker had decided it."""

    opened: OpenIntroductions
    clock: Clock
    dry_run: bool = False

    async def adopted(self, wanted: ReplayRequest) -> Sequence[IntroductionResult]:
        """Invite the admins of silently adopted accounts, each in a transaction of its own."""
        async with self.opened() as transaction:
            organisations = await transaction.adopted()
        return [await self._introduce(each, wanted) for each in organisations]

    async def _introduce(self, organisation: OrganisationId, wanted: ReplayRequest) -> IntroductionResult:
        now = self.clock()
        async with self.opened() as transaction:
            account = await transaction.hold(organisation)
            reason = hindrance(account, now)
            if account is not None and reason is None and not self.dry_run:
                command = _command(account, now)
                await transaction.request(command, _entry(command, wanted))
        return IntroductionResult(organisation_id=organisation, requested=reason is None, reason=reason)


async def find_account(transaction: IntroductionTransaction, who: str) -> InvitedAccount:
    """Load the one account that is meant; a name that is no account's, or that of several, raises Refusal."""
    organisations = await transaction.named(who)
    if len(organisations) > 1:
        raise Refusal(f"that is several accounts; take the id of one: {', '.join(organisations)}")
    account = await transaction.hold(organisations[0]) if organisations else None
    if account is None or account.subscription_id is None:
        raise Refusal("there is no such account, e-mail or organisation")
    return account


def hindrance(account: InvitedAccount | None, now: datetime, *, again: bool = False) -> str | None:
    """Why an admin is not invited now, if for any reason."""
    if account is None:
        return "it has no admin"
    if account.status is UserStatus.ACTIVE:
        return "its admin has entered already"
    if not again and account.requested_at is not None and now - account.requested_at < LETTER_INTERVAL:
        return "its introduction was requested within the last ten minutes; --again sends one more"
    return None


def _command(account: InvitedAccount, now: datetime) -> SendIntroduction:
    """Build the command under a key of its own, from which its link follows: a new one, which ends the old."""
    return SendIntroduction(
        id=MessageId(f"introduction:{account.organisation_id}:{now:%Y%m%dT%H%M%S%f}"),
        occurred_at=now,
        source=Source.RECONCILE,
        sale_id=account.sale_id,
        organisation_id=account.organisation_id,
    )


def _entry(command: SendIntroduction, wanted: ReplayRequest) -> Entry:
    return Entry(
        subject=command.organisation_id,
        sale_id=command.sale_id,
        at=command.occurred_at,
        kind="introduction.requested",
        what=wanted.told("introduction requested"),
        cause=command.id,
    )
