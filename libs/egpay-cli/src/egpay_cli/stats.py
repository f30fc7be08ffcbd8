"""Stats command: sales by status, money by day and currency, and what is paid for and not delivered."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from egpay.adapters.postgres.operator.sale_listing import SaleStats, StatusCount, load_stats
from egpay.adapters.system.clock import utc_now
from egpay.domain.currencies import shown
from egpay_cli.options import AsJson, moment
from egpay_cli.output import Cell, Row, print_section
from egpay_cli.running import database_pool, run, say, say_json

SPAN = timedelta(days=30)


def stats(
    *,
    since: Annotated[str, typer.Option(help="A moment, or an age such as 12h or 30d.")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Count sales by status and money by day and currency, and say what is paid for and not delivered.

    Money stands on the day (UTC) on which it was settled; what went back or was lost since stands with it.
    """
    begin = moment(since) or utc_now() - SPAN
    found = run(lambda: _load(begin))
    if as_json:
        say_json({"since": begin, **{name: getattr(found, name) for name in found.__struct_fields__}})
        return
    say(f"since {begin:%Y-%m-%d %H:%M} UTC")
    print_section("sales", ("status", "count", "oldest", "sale"), [_count(one) for one in found.by_status])
    print_section(
        "money",
        ("day", "payments", "paid", "given back", "lost"),
        [
            (
                one.day.isoformat(),
                one.payments,
                *(shown(amount, one.currency or None) for amount in (one.paid, one.back, one.lost)),
            )
            for one in found.money
        ],
    )
    print_section(
        "paid and not delivered, at any age",
        ("lacks", "count", "oldest", "sale"),
        [_count(one, wrong=True) for one in found.unfulfilled],
    )


async def _load(since: datetime) -> SaleStats:
    async with database_pool() as pool:
        return await load_stats(pool, since=since)


def _count(one: StatusCount, *, wrong: bool = False) -> Row:
    return (Cell(one.name, "wrong" if wrong else "plain"), one.count, one.oldest, one.oldest_sale)
