"""Acts on an account: invite its admin again, or correct the e-mail by which its admin is known."""

from typing import Annotated, Any

import typer

from egpay.adapters.postgres.operator.acts import awaited_act
from egpay.adapters.postgres.operator.introductions import open_introductions
from egpay.adapters.system.clock import utc_now
from egpay.domain.acts import PersonalArguments
from egpay.domain.errors import Defect, Refusal
from egpay.domain.events import EmailCorrected, IntroductionRequested
from egpay.domain.values import MessageId
from egpay.operations.introductions import find_account, hindrance
from egpay.ports.introductions import InvitedAccount
from egpay_cli.acts import ActOptions, act_command, enter, known_subject
from egpay_cli.running import database, run

Who = Annotated[str, typer.Argument(help="The organisation's id or name, or its admin's id or e-mail.")]


def register(app: typer.Typer) -> None:
    """Add the acts to the commands of an account."""
    app.command("resend-introduction")(resend_introduction)
    app.command("correct-email")(correct_email)


@act_command
def resend_introduction(
    who: Who,
    *,
    options: ActOptions,
) -> None:
    """Mail the introduction with a new link; the link of before ends at once."""
    account = run(lambda: _account(who, options))
    event = IntroductionRequested(**_base(account, options))

    def recently() -> str | None:
        return hindrance(account, utc_now(), again=options.again)

    found = PersonalArguments(admin_keys=(account.email_key,))
    enter(event, options, watch=_watch(account), personal=found, hindered=recently)


@act_command
def correct_email(
    who: Who,
    email: Annotated[str, typer.Argument(help="The right address.")],
    *,
    options: ActOptions,
    evict: Annotated[
        bool, typer.Option("--evict", help="Also if a person has entered with the old address.")
    ] = False,
) -> None:
    """Correct the e-mail of an admin and of the organisation's orders, and invite the right one; the old link ends."""
    from egpay.adapters.smtp.message import recipient

    try:
        recipient(email.strip())
    except Defect as fault:
        raise Refusal("that is not an e-mail address that mail can be sent to") from fault
    account = run(lambda: _account(who, options))
    event = EmailCorrected(**_base(account, options), sales=account.sales, evict=evict)
    personal = PersonalArguments(email=email.strip(), admin_keys=(account.email_key,))
    before = run(lambda: _awaited(account))

    def unsettled() -> str | None:
        """Of two that wait at once the last to be worked on would hold, whichever was meant last."""
        return (
            f"the correction under key {before} waits for a worker: correct it after that" if before else None
        )

    enter(event, options, watch=_watch(account), personal=personal, hindered=unsettled)


async def _account(who: str, options: ActOptions) -> InvitedAccount:
    """The account, also by the address that this very act has corrected."""
    async with database() as engine, open_introductions(engine)() as transaction:
        try:
            return await find_account(transaction, who)
        except Refusal:
            known = await known_subject(engine, options)
            if known is None:
                raise
            return await find_account(transaction, known)


async def _awaited(account: InvitedAccount) -> MessageId | None:
    async with database() as engine:
        return await awaited_act(engine, EmailCorrected, account.organisation_id)


def _base(account: InvitedAccount, options: ActOptions) -> dict[str, Any]:
    return {
        **options.header(),
        "organisation_id": account.organisation_id,
        "subscription_id": account.subscription_id,
    }


def _watch(account: InvitedAccount) -> str:
    return f"egpay sale show {account.sale_id}" if account.sale_id else "egpay events ls --type introduction*"
