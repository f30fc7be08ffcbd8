"""Catalogue commands: put what a file names on sale, take products off sale, list what is on sale."""

from pathlib import Path
from typing import Annotated

import typer

from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.domain.catalogue import Product
from egpay.domain.currencies import shown
from egpay.domain.values import ProductId
from egpay_cli.catalogue_file import read_catalogue
from egpay_cli.catalogue_sync import fill, sync, take_off_sale
from egpay_cli.options import AsJson, Reason, order
from egpay_cli.output import print_table
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="What is on sale.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")]


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="TOML: [[product]] tables; README names their keys.")],
    *,
    dry_run: DryRun = False,
    local: Annotated[
        bool, typer.Option("--local", help="Fill the tables only; orders are refused until a sync.")
    ] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Sync the products of a file with Stripe and put them on sale; others stay as they are.

    A file with a fault changes nothing: every fault is printed with its row and field, and the exit code is 2. What
    costs another price gets a new one at Stripe; subscriptions keep theirs, and the old one is archived by the first
    apply after 24 hours, when no page sells it any more. An apply that was cut off is to be run again.
    """
    entries = read_catalogue(file)
    work = fill if local else sync
    plan = run(lambda: work(entries, order(reason), dry_run=dry_run))
    if as_json:
        say_json({"dry_run": dry_run, "local": local, "plan": plan})
        return
    print_table(("product or price", "what"), [(line.id, line.what) for line in plan])
    say("nothing was changed" if dry_run else f"{len(entries)} products are on sale")


@app.command("off-sale")
def off_sale(
    ids: Annotated[list[str], typer.Argument(help="Products that are on sale.", metavar="ID...")],
    *,
    dry_run: DryRun = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Take products off sale. Orders that were placed go on, and so do subscriptions; none is switched to them."""
    plan = run(lambda: take_off_sale([ProductId(one) for one in ids], order(reason), dry_run=dry_run))
    if as_json:
        say_json({"dry_run": dry_run, "off_sale": ids, "plan": plan})
        return
    for line in plan:
        say(f"{line.id}: {line.what}")
    say(f"{len(ids)} products {'would be' if dry_run else 'are'} off sale")


@app.command("ls")
def show(*, as_json: AsJson = False) -> None:
    """List what is on sale, each amount with its currency's own digits."""
    products = run(_all)
    if as_json:
        say_json(products)
        return
    print_table(
        ("id", "kind", "price", "period", "name"),
        [
            (
                product.id,
                product.kind.value,
                shown(product.unit_amount, product.currency),
                _period(product),
                product.name,
            )
            for product in products
        ],
        empty="nothing is on sale",
    )


def _period(product: Product) -> str:
    if product.interval is None or product.interval_count == 1:
        return product.interval or ""
    return f"{product.interval_count} {product.interval}s"


async def _all() -> list[Product]:
    async with database() as engine, unit_of_work(engine)() as uow:
        return list(await uow.products.all())
