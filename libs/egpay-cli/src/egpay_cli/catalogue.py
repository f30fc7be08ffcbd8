"""Catalogue commands: put what a file names on sale, take products off sale, list what is on sale."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.system.clock import utc_now
from egpay.domain.catalogue import CatalogueEntry, Product
from egpay.domain.currencies import shown
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.domain.values import ProductId
from egpay.operations.replay import ReplayRequest
from egpay_cli.catalogue_file import read_catalogue
from egpay_cli.options import AsJson, Reason, order
from egpay_cli.running import database, owners_database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="What is on sale.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")]


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="TOML: [[product]] tables; README names their keys.")],
    *,
    dry_run: DryRun = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Put the products of a file on sale, or renew those of the same id; others stay as they are.

    A file with a fault changes nothing: every fault is printed with its row and field, and the exit code is 2.
    """
    entries = read_catalogue(file)
    plan = run(lambda: _apply(entries, order(reason), dry_run=dry_run))
    if as_json:
        say_json({"dry_run": dry_run, "products": [{"id": id_, "what": what} for id_, what in plan]})
        return
    for id_, what in plan:
        say(f"{id_:24} {what}")
    say("nothing was changed" if dry_run else f"{len(entries)} products are on sale")


@app.command("off-sale")
def off_sale(
    ids: Annotated[list[str], typer.Argument(help="Products that are on sale.", metavar="ID...")],
    *,
    dry_run: DryRun = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Take products off sale. Orders that were placed go on, and so do subscriptions."""
    run(lambda: _off_sale([ProductId(one) for one in ids], order(reason), dry_run=dry_run))
    if as_json:
        say_json({"dry_run": dry_run, "off_sale": ids})
    else:
        say(f"{len(ids)} products {'would be' if dry_run else 'are'} off sale")


@app.command("ls")
def show(*, as_json: AsJson = False) -> None:
    """List what is on sale, each amount with its currency's own digits."""
    products = run(_all)
    if as_json:
        say_json(products)
        return
    for product in products:
        price = shown(product.unit_amount, product.currency)
        say(f"{product.id:24} {product.kind.value:14} {price:>16} {_period(product):10} {product.name}")


def _period(product: Product) -> str:
    if product.interval is None or product.interval_count == 1:
        return product.interval or ""
    return f"{product.interval_count} {product.interval}s"


async def _apply(
    entries: Sequence[CatalogueEntry], wanted: ReplayRequest, *, dry_run: bool
) -> list[tuple[ProductId, str]]:
    what = wanted.told(f"{len(entries)} products put on sale")
    line = Entry(subject="catalogue", at=utc_now(), kind="catalogue.applied", what=what)
    async with owners_database() as engine, unit_of_work(engine)() as uow:
        before = {product.id: product for product in await uow.products.all()}
        plan = [(entry.id, _change(before.get(entry.id), entry)) for entry in entries]
        if not dry_run:
            await uow.products.put(entries)
            await uow.timeline.note(line)
    return plan


def _change(before: Product | None, entry: CatalogueEntry) -> str:
    price = shown(entry.unit_amount, entry.currency)
    if before is None:
        return f"goes on sale for {price}"
    changed = [
        field for field in Product.__struct_fields__ if getattr(before, field) != getattr(entry, field)
    ]
    if not changed:
        return "is as it should be"
    return f"changes: {', '.join(changed)}; {price}, was {shown(before.unit_amount, before.currency)}"


async def _off_sale(ids: Sequence[ProductId], wanted: ReplayRequest, *, dry_run: bool) -> None:
    what = wanted.told(f"taken off sale: {', '.join(ids)}")
    line = Entry(subject="catalogue", at=utc_now(), kind="catalogue.off_sale", what=what)
    async with owners_database() as engine, unit_of_work(engine)() as uow:
        unknown = set(ids) - {product.id for product in await uow.products.all()}
        if unknown:
            raise Refusal(f"not on sale: {', '.join(sorted(unknown))}; nothing was changed")
        if not dry_run:
            await uow.products.take_off_sale(ids)
            await uow.timeline.note(line)


async def _all() -> list[Product]:
    async with database() as engine, unit_of_work(engine)() as uow:
        return list(await uow.products.all())
