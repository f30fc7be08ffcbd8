"""Sale command: shows one sale and its timeline: what happened, when, and by which cause."""

from typing import Annotated

import msgspec
import typer

from egpay.adapters.postgres.operator.sale_report import SaleReport, load_sale_report
from egpay.domain.errors import Refusal
from egpay.domain.values import SaleId
from egpay_cli import money_acts, sale_acts
from egpay_cli.options import AsJson
from egpay_cli.running import database, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="One sale, explained, and acts on it.")
sale_acts.register(app)
money_acts.register(app)


@app.callback()
def sales() -> None:
    """Look into a sale."""


@app.command()
def show(
    sale_id: Annotated[str, typer.Argument(help="The sale's id, sale_...")], *, as_json: AsJson = False
) -> None:
    """Show how a sale stands and its whole timeline."""
    dossier = run(lambda: _dossier(SaleId(sale_id)))
    if dossier is None:
        raise Refusal(f"there is no sale {sale_id}")
    if as_json:
        known = msgspec.structs.asdict(dossier)
        say_json({"timeline": known.pop("timeline"), "sale": known})
        return
    _print(dossier)


async def _dossier(sale_id: SaleId) -> SaleReport | None:
    async with database() as engine:
        return await load_sale_report(engine, sale_id)


def _print(dossier: SaleReport) -> None:
    for name, value in msgspec.structs.asdict(dossier).items():
        if name != "timeline" and value is not None:
            say(f"{name.replace('_', ' '):22} {value}")
    say("")
    for step in dossier.timeline:
        say(f"{step.at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f"  {step.kind:42} {step.what}  ({step.cause or '-'})")
