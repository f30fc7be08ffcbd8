"""Effects: e-mail a known admin what became of an order: a further organisation, or an account used again."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import message_id, send_once
from egpay.domain.account import Account
from egpay.domain.commands import SendAccountUsedAgain, SendOrganisationAdded
from egpay.domain.errors import Defect
from egpay.ports.mail import Email
from egpay.ports.storage import UnitOfWork


async def send_organisation_added(command: SendOrganisationAdded, world: EffectContext) -> None:
    """Send it to the admin; the e-mail holds no right to enter, because the admin has one."""

    async def write(uow: UnitOfWork) -> Email:
        account = await _account(command, uow)
        return world.letters.organisation_added(
            to=account.admin.email,
            name=account.admin.name,
            organisation=account.organisation.name,
            message_id=message_id(command, world),
            date=command.occurred_at,
        )

    await send_once(command, world, kind="organisation_added", write=write)


async def send_account_used_again(command: SendAccountUsedAgain, world: EffectContext) -> None:
    """Send it to the admin on record, and not to the address as the order spells it."""

    async def write(uow: UnitOfWork) -> Email:
        account = await _account(command, uow)
        return world.letters.account_used_again(
            to=account.admin.email,
            name=account.admin.name,
            organisation=account.organisation.name,
            message_id=message_id(command, world),
            date=command.occurred_at,
        )

    await send_once(command, world, kind="account_used_again", write=write)


async def _account(command: SendOrganisationAdded | SendAccountUsedAgain, uow: UnitOfWork) -> Account:
    account = await uow.accounts.of(command.organisation_id)
    if account is None:
        raise Defect(f"there is no organisation {command.organisation_id}")
    return account
