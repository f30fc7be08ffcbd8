"""Sale commands: list sales, show one with what of it is not done and its timeline, and who withdrew from it."""

from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.postgres.operator.sale_listing import ListedSale, SaleFilter, list_sales
from egpay.adapters.postgres.operator.sale_report import SaleReport, load_sale_report
from egpay.adapters.postgres.operator.withdrawals import list_withdrawals
from egpay.domain.acts import DOUBTED, REFUSED
from egpay.domain.currencies import shown
from egpay.domain.errors import Refusal
from egpay.domain.sale import SaleStatus
from egpay.domain.values import SaleId
from egpay.domain.withdrawal import Withdrawal
from egpay_cli.options import AsJson, moment
from egpay_cli.output import Cell, moment_text, print_record, print_section, print_table
from egpay_cli.pending import CASE_COLUMNS, COLUMNS, case_rows, pending_rows
from egpay_cli.running import database_pool, run, say_json

_WRONG = (
    "dead_letter.",
    "case.opened",
    "checkout.refused",
    REFUSED,
    DOUBTED,
    "refund.refused",
    "refund.failed",
    "refund.canceled",
    "refund.impossible",
    "subscription.end_refused",
)
"""Kinds of steps that an operator is to see first."""

app = typer.Typer(no_args_is_help=True, help="Sales, listed and explained, and acts on them.")


@app.callback()
def sales() -> None:
    """Look into sales."""


@app.command("ls")
def listed(
    *,
    status: Annotated[SaleStatus | None, typer.Option(help="Only those of this status.")] = None,
    since: Annotated[str | None, typer.Option(help="A moment, or an age such as 12h or 7d.")] = None,
    unfulfilled: Annotated[
        bool, typer.Option("--unfulfilled", help="Only what is paid for and not delivered.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List sales, the newest first, with what a paid one still lacks."""
    wanted = SaleFilter(status=status, since=moment(since), unfulfilled=unfulfilled, limit=limit)
    found = run(lambda: _list(wanted))
    if as_json:
        say_json(found)
        return
    print_table(
        ("id", "status", "total", "ordered", "shipment", "subscription", "lacks"),
        [
            (
                one.id,
                one.status,
                shown(one.total, one.currency),
                one.created_at,
                one.shipment,
                one.subscription,
                Cell(one.lacks, "wrong") if one.lacks else None,
            )
            for one in found
        ],
        empty="no such sale",
    )


@app.command()
def show(
    sale_id: Annotated[str, typer.Argument(help="The sale's id, sale_...; `egpay find` knows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show how a sale stands, what of it is not done, its open cases and its whole timeline."""
    report = run(lambda: _report(SaleId(sale_id)))
    if report is None:
        raise Refusal(f"there is no sale {sale_id}")
    facts: dict[str, Any] = msgspec.structs.asdict(report)
    parts = {name: facts.pop(name) for name in ("cases", "pending", "timeline")}
    if as_json:
        say_json({"sale": facts, **parts})
        return
    currency = facts.pop("currency")
    for name in ("total", "discount", "shipping", "tax"):
        facts[name] = shown(facts[name], currency) if facts[name] or name == "total" else None
    print_record(facts)
    print_section("open cases", CASE_COLUMNS, case_rows(report.cases))
    print_section("not done yet", COLUMNS, pending_rows(report.pending))
    _print_timeline(report)


@app.command()
def withdrawals(
    sale_id: Annotated[str, typer.Argument(help="The sale's id, sale_...")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was declared to withdraw from a sale: by whom, from what, when, and where the receipt went."""
    declared = run(lambda: _declared(SaleId(sale_id)))
    if as_json:
        say_json(declared)
        return
    print_table(
        ("declared", "name", "e-mail", "of what"),
        [(one.declared_at, one.name, one.email, one.statement or "the whole order") for one in declared],
        empty="no one has withdrawn from it",
    )


def _print_timeline(report: SaleReport) -> None:
    print_section(
        "timeline",
        ("at", "kind", "what", "cause"),
        [
            (
                f"{moment_text(step.at)}.{step.at.microsecond // 1000:03}",
                told_kind(step.kind),
                step.what,
                step.cause,
            )
            for step in report.timeline
        ],
    )


def told_kind(kind: str) -> Cell:
    """The kind of a step, in colour where something did not come about that was meant to."""
    return Cell(kind, "wrong" if kind.startswith(_WRONG) else "plain")


async def _list(wanted: SaleFilter) -> list[ListedSale]:
    async with database_pool() as pool:
        return await list_sales(pool, wanted)


async def _declared(sale_id: SaleId) -> list[Withdrawal]:
    async with database_pool() as pool:
        return await list_withdrawals(pool, sale_id)


async def _report(sale_id: SaleId) -> SaleReport | None:
    async with database_pool() as pool:
        return await load_sale_report(pool, sale_id)
