"""Account commands: invite the admin of an account again; and the invitation of all adopted accounts."""

from collections.abc import Sequence
from typing import Annotated

import typer

from egpay.adapters.postgres.operator.introductions import open_introductions
from egpay.adapters.system.clock import utc_now
from egpay.operations.introductions import IntroductionResult, RequestIntroductions
from egpay.operations.replay import ReplayRequest
from egpay_cli.options import AsJson, NeededReason, order
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Organisations and their admins.")


@app.callback()
def accounts() -> None:
    """Look after accounts."""


@app.command()
def resend_introduction(
    who: Annotated[str, typer.Argument(help="The organisation's id or name, or its admin's id or e-mail.")],
    *,
    reason: NeededReason,
    again: Annotated[
        bool, typer.Option("--again", help="Also when one was requested within the last ten minutes.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be sent.")] = False,
    as_json: AsJson = False,
) -> None:
    """Mail the introduction with a new link; the link of before ends. May be repeated: within ten minutes one e-mail
    leaves.
    """
    result = run(lambda: _named(who, order(reason), again=again, dry_run=dry_run))
    print_introductions([result], dry_run=dry_run, as_json=as_json)


async def _named(who: str, wanted: ReplayRequest, *, again: bool, dry_run: bool) -> IntroductionResult:
    async with database() as engine:
        request = RequestIntroductions(open_introductions(engine), utc_now, dry_run=dry_run)
        return await request.named(who, wanted, again=again)


async def introduce_adopted(wanted: ReplayRequest, *, dry_run: bool) -> Sequence[IntroductionResult]:
    """Invite the admins of all adopted accounts that were never introduced."""
    async with database() as engine:
        return await RequestIntroductions(open_introductions(engine), utc_now, dry_run=dry_run).adopted(
            wanted
        )


def print_introductions(results: Sequence[IntroductionResult], *, dry_run: bool, as_json: bool) -> None:
    """Print the results, by ids only."""
    if as_json:
        say_json({"dry_run": dry_run, "accounts": results})
        return
    for one in results:
        say(f"{one.organisation_id}  {one.reason or ('would be introduced' if dry_run else 'is introduced')}")
    count = sum(one.requested for one in results)
    say(f"introductions {'to be requested' if dry_run else 'requested'}: {count}")
