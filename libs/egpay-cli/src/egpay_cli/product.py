"""Product commands: keys for its programs, and what it was told once more."""

from datetime import datetime
from typing import Annotated

import typer

from egpay.adapters.postgres.operator import PostgresAccessQueries
from egpay.adapters.postgres.operator.app_deliveries import open_app_replay
from egpay.adapters.system.api_keys import new_api_key
from egpay.adapters.system.clock import utc_now
from egpay.domain.api_key import api_key_hash, check_entry
from egpay.domain.errors import Refusal
from egpay.operations.access_replay import AccessReplay
from egpay.operations.replay import ReplayRequest
from egpay_cli.options import AsJson, Reason, moment, order
from egpay_cli.running import database, run, say, say_json


def new_key(
    name: Annotated[str, typer.Argument(help="The program that will hold it, such as app.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key for a program of the product: shown once, and stored nowhere.

    Its hash goes into API_KEYS of checkout-api, beside those that are there.
    """
    key = new_api_key()
    entry = f"{name}:{api_key_hash(key)}"
    try:
        check_entry(entry)
    except ValueError:
        raise typer.BadParameter("a name has letters, digits, points and dashes, 64 at most") from None
    if as_json:
        say_json({"name": name, "key": key, "api_keys": entry})
        return
    say(f"key, for the program alone  {key}")
    say(f"entry, for API_KEYS         {entry}")


def replay(
    *,
    organisation: Annotated[
        str | None, typer.Option(help="Only of this one: its id, or that of a subscription or sale of its.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what changed since then: a date, or an age such as 12h.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how much it would be.")] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Tell the product again, on NATS and at its endpoint: the newest state of each object, under a new id.

    It keeps no lower version than it knows, so that telling it twice does no harm.
    """
    after = moment(since)
    count = run(lambda: _replay(order(reason), organisation, after, dry_run=dry_run))
    if as_json:
        say_json({"replayed": not dry_run, "objects": count})
        return
    say(f"{count} objects {'would be' if dry_run else 'are'} told again")


async def _replay(request: ReplayRequest, whose: str | None, since: datetime | None, *, dry_run: bool) -> int:
    async with database() as engine:
        record = await PostgresAccessQueries(engine).of(whose) if whose else None
        if whose and record is None:
            raise Refusal(f"no access is stored for {whose}")
        return await AccessReplay(open_app_replay(engine), utc_now)(
            request,
            organisation=record.access.organisation_id if record else None,
            since=since,
            dry=dry_run,
        )
