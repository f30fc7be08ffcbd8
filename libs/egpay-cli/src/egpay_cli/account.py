"""Account commands: show one organisation with its admin, access, purchases, cases, pending work and timeline."""

from typing import Annotated, Any

import typer

from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT
from egpay.adapters.postgres.operator.related_records import RelatedRecords, load_related
from egpay.adapters.postgres.operator.sale_timeline import TimelineStep, load_notes
from egpay.adapters.postgres.operator.search import SearchHit, search
from egpay.domain.errors import Refusal
from egpay_cli.options import AsJson
from egpay_cli.output import print_section
from egpay_cli.related_output import content, masked, print_related
from egpay_cli.running import database_pool, run, say_json

app = typer.Typer(no_args_is_help=True, help="Organisations and their admins.")


@app.callback()
def accounts() -> None:
    """Look after accounts."""


@app.command()
def show(
    who: Annotated[
        str,
        typer.Argument(
            help="The organisation's id or name, or its admin's id or e-mail; `egpay find` finds more."
        ),
    ],
    *,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="Print e-mail addresses in full.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an account: its admin, what it may use, what it bought, what waits, and what happened to it."""
    related, lines = run(lambda: _load(who))
    related = related if unmasked else masked(related)
    if as_json:
        told: dict[str, Any] = {**content(related), "timeline": lines}
        say_json(told)
        return
    print_related(related)
    print_section("timeline", ("at", "kind", "what"), [(line.at, line.kind, line.what) for line in lines])


async def _load(who: str) -> tuple[RelatedRecords, list[TimelineStep]]:
    async with database_pool() as pool:
        hits = await search(pool, who, sources=())
        found = sorted({hit.organisation_id for hit in hits if hit.organisation_id and hit.sale_id is None})
        if not found:
            raise Refusal("there is no such account, e-mail or organisation")
        if len(found) > 1:
            raise Refusal(f"that is several accounts; take the id of one: {', '.join(found)}")
        account = SearchHit(what="organisation", id=found[0], organisation_id=found[0])
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            lines = await load_notes(connection, found[0])
        return await load_related(pool, [account]), lines
