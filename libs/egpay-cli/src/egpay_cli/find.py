"""Find command: says what an id, an e-mail, a name or a tracking number is, and what belongs to it."""

from typing import Annotated

import typer

from egpay.adapters.postgres.operator.related_records import RelatedRecords, load_related
from egpay.adapters.postgres.operator.search import SearchHit, search
from egpay.domain.errors import Refusal
from egpay.domain.events import Source
from egpay_cli.options import AsJson
from egpay_cli.output import Row, print_table
from egpay_cli.related_output import content, masked, print_related
from egpay_cli.running import database_pool, run, say_json


def find(
    word: Annotated[
        str,
        typer.Argument(
            help="An e-mail, an organisation's name, a tracking number, or any id: of Stripe (cs_, pi_, ch_, in_, sub_, "
            "cus_, re_, dp_, evt_, cn_, prv_, issfr_, ...) or ours (sale, organisation, user, case, message)."
        ),
    ],
    *,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="Print e-mail addresses in full.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what it is, and what belongs to it: accounts, sales, subscriptions, open cases and what is being retried.

    E-mail addresses are masked. The exit code is 1 when nothing is known by it.
    """
    hits, related = run(lambda: _find(word))
    if not hits:
        raise Refusal("nothing is known by that; an e-mail, an organisation, a tracking number or any id is")
    related = related if unmasked else masked(related)
    if as_json:
        say_json({"hits": hits, **content(related)})
        return
    print_table(("what", "id", "state", "sale"), [_hit(hit) for hit in hits])
    print_related(related)


async def _find(word: str) -> tuple[list[SearchHit], RelatedRecords]:
    async with database_pool() as pool:
        hits = await search(pool, word, sources=[source.value for source in Source])
        return hits, await load_related(pool, hits)


def _hit(hit: SearchHit) -> Row:
    leads = hit.sale_id if hit.sale_id != hit.id else None
    return (hit.what, hit.id, hit.state, leads)
