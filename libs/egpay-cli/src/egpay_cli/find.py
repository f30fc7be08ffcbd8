"""Find command: says what an id, an e-mail, a name or a tracking number is, and what belongs to it."""

from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.postgres.operator.related_records import FoundAccount, RelatedRecords, load_related
from egpay.adapters.postgres.operator.search import SearchHit, search
from egpay.domain.currencies import shown
from egpay.domain.errors import Refusal
from egpay.domain.events import Source
from egpay_cli.options import AsJson
from egpay_cli.output import Cell, Row, masked_email, print_section, print_table
from egpay_cli.pending import CASE_COLUMNS, COLUMNS, case_rows, pending_rows
from egpay_cli.running import database_pool, run, say, say_json


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
    if not unmasked:
        accounts = [msgspec.structs.replace(one, email=masked_email(one.email)) for one in related.accounts]
        related = msgspec.structs.replace(related, accounts=accounts)
    if as_json:
        say_json({"hits": hits, **_content(related)})
        return
    print_table(("what", "id", "state", "sale"), [_hit(hit) for hit in hits])
    _print_related(related)


async def _find(word: str) -> tuple[list[SearchHit], RelatedRecords]:
    async with database_pool() as pool:
        hits = await search(pool, word, sources=[source.value for source in Source])
        return hits, await load_related(pool, hits)


def _content(related: RelatedRecords) -> dict[str, Any]:
    return {name: getattr(related, name) for name in related.__struct_fields__}


def _hit(hit: SearchHit) -> Row:
    leads = hit.sale_id if hit.sale_id != hit.id else None
    return (hit.what, hit.id, hit.state, leads)


def _print_related(related: RelatedRecords) -> None:
    print_section(
        "accounts",
        ("organisation", "id", "admin", "e-mail", "status", "access", "until"),
        [_account(one) for one in related.accounts],
    )
    print_section(
        "sales",
        ("id", "status", "total", "ordered", "lacks"),
        [
            (one.id, one.status, shown(one.total, one.currency), one.created_at, _lack(one.lacks))
            for one in related.sales
        ],
    )
    print_section(
        "subscriptions",
        ("id", "status", "plan", "period ends", "ends"),
        [
            (one.id, one.status, f"{one.plan or '-'} x{one.quantity}", one.current_period_end, one.cancel_at)
            for one in related.subscriptions
        ],
    )
    print_section("open cases", CASE_COLUMNS, case_rows(related.cases))
    print_section("not done yet", COLUMNS, pending_rows(related.pending))
    if related.sales:
        say(f"\negpay sale show {related.sales[0].id}")


def _account(one: FoundAccount) -> Row:
    return (
        one.organisation,
        one.organisation_id,
        one.user_id,
        one.email,
        one.user_status,
        one.access,
        one.until,
    )


def _lack(lacks: str | None) -> Cell:
    return Cell(lacks, "wrong") if lacks else Cell("-")
