"""Introductions of adopted accounts: invites the admins that were never introduced, and prints the results."""

from collections.abc import Sequence

from egpay.adapters.postgres.operator.introductions import open_introductions
from egpay.adapters.system.clock import utc_now
from egpay.operations.introductions import IntroductionResult, RequestIntroductions
from egpay.operations.replay import ReplayRequest
from egpay_cli.running import database, say, say_json


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
