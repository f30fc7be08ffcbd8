"""Catalogue commands: list what is on sale, seed the demonstration, replace products from a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.system.clock import utc_now
from egpay.domain.catalogue import Interval, Kind, Product
from egpay.domain.errors import Refusal
from egpay.domain.timeline import Entry
from egpay.domain.values import ProductId
from egpay.operations.replay import ReplayRequest
from egpay_cli.options import AsJson, Reason, order
from egpay_cli.running import database, owners_database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="What is on sale.")

DEMO = (
    Product(
        id=ProductId("sensor"),
        kind=Kind.DEVICE,
        name="EG Sensor",
        description="Measures temperature and humidity; runs two years on one battery.",
        unit_amount=4900,
        currency="eur",
    ),
    Product(
        id=ProductId("gateway"),
        kind=Kind.DEVICE,
        name="EG Gateway",
        description="Connects up to fifty sensors to your network.",
        unit_amount=14900,
        currency="eur",
    ),
    Product(
        id=ProductId("monitoring-monthly"),
        kind=Kind.SUBSCRIPTION,
        name="EG Monitoring, monthly",
        description="Dashboards, alarms and a year of history, paid each month.",
        unit_amount=1900,
        currency="eur",
        interval=Interval.MONTH,
    ),
    Product(
        id=ProductId("monitoring-yearly"),
        kind=Kind.SUBSCRIPTION,
        name="EG Monitoring, yearly",
        description="Dashboards, alarms and a year of history, two months free.",
        unit_amount=19000,
        currency="eur",
        interval=Interval.YEAR,
    ),
)


@app.command()
def seed(*, reason: Reason = None, as_json: AsJson = False) -> None:
    """Put the demonstration's devices and subscriptions on sale, or renew them."""
    run(lambda: _put(DEMO, order(reason)))
    _tell(DEMO, as_json=as_json)


@app.command()
def put(
    file: Annotated[Path, typer.Argument(help="JSON: a list of products as GET /v1/products shows them.")],
    *,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Add products from a file, or replace those of the same id."""
    try:
        products = msgspec.json.decode(file.read_bytes(), type=list[Product])
    except (OSError, msgspec.MsgspecError) as fault:
        raise Refusal(f"{file}: {fault}") from fault
    run(lambda: _put(products, order(reason)))
    _tell(products, as_json=as_json)


@app.command("ls")
def show(*, as_json: AsJson = False) -> None:
    """List what is on sale."""
    products = run(_all)
    if as_json:
        say_json(products)
        return
    for product in products:
        price = f"{product.unit_amount / 100:.2f} {product.currency}"
        say(f"{product.id:24} {product.kind.value:14} {price:>14} {product.interval or '':6} {product.name}")


def _tell(products: Sequence[Product], *, as_json: bool) -> None:
    if as_json:
        say_json({"put": [product.id for product in products]})
    else:
        say(f"{len(products)} products are on sale")


async def _put(products: Sequence[Product], wanted: ReplayRequest) -> None:
    what = wanted.told(f"{len(products)} products put on sale")
    line = Entry(subject="catalogue", at=utc_now(), kind="catalogue.put", what=what)
    async with owners_database() as engine, unit_of_work(engine)() as uow:
        await uow.products.put(products)
        await uow.timeline.note(line)


async def _all() -> list[Product]:
    async with database() as engine, unit_of_work(engine)() as uow:
        return list(await uow.products.all())
