"""Access commands: which organisation may use the product, until when and why."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from egpay.adapters.postgres.operator import PostgresAccessQueries
from egpay.adapters.postgres.operator.app_deliveries import delivery_state
from egpay.adapters.system.clock import utc_now
from egpay.domain.access import GRACE_OVER, AccessLevel, current_level
from egpay.domain.errors import Refusal
from egpay.domain.public_events import PublicObject
from egpay.ports.accesses import AccessRecord
from egpay.ports.app_deliveries import AppDeliveryState
from egpay_cli import product
from egpay_cli.options import AsJson
from egpay_cli.output import Cell, Row, Tone, print_record, print_table
from egpay_cli.running import database, run, say_json

app = typer.Typer(no_args_is_help=True, help="What organisations may use.")
app.command("new-key")(product.new_key)
app.command("replay")(product.replay)
_TONES: Mapping[str, Tone] = {"full": "ok", "grace": "note", "none": "plain"}
Name = Annotated[str, typer.Argument(help="The id of an organisation, or of a subscription or sale of its.")]


@app.command("ls")
def listed(
    *,
    level: Annotated[AccessLevel | None, typer.Option(help="Only those of this level.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the access of every organisation, by its name."""
    found = run(lambda: _list(level))
    if as_json:
        say_json([_content(record) for record in found])
        return
    print_table(
        ("access", "organisation", "id", "why", "until", "plan"),
        [_row(_content(record)) for record in found],
        empty="no organisation has that access" if level else "no organisation has a subscription yet",
    )


@app.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show the access of one organisation."""
    record, delivery = run(lambda: _show(name))
    told = {**_content(record), **_delivery(delivery)}
    if as_json:
        say_json(told)
        return
    print_record(told)


def _row(told: dict[str, Any]) -> Row:
    plan = f"{told['plan'] or '-'} x{told['seats']}"
    level = Cell(told["access"], _TONES[told["access"]])
    return (level, told["organisation"], told["organisation_id"], told["why"], told["until"], plan)


async def _list(level: AccessLevel | None) -> list[AccessRecord]:
    async with database() as engine:
        return list(await PostgresAccessQueries(engine).accesses(level))


async def _show(name: str) -> tuple[AccessRecord, AppDeliveryState | None]:
    async with database() as engine:
        record = await PostgresAccessQueries(engine).of(name)
        if record is None:
            raise Refusal(f"no access is stored for {name}")
        about = PublicObject.ACCESS.of(record.access.organisation_id)
        return record, await delivery_state(engine, about)


def _delivery(state: AppDeliveryState | None) -> dict[str, Any]:
    """How far the product's endpoint was told of it; nothing before it was ever told."""
    if state is None:
        return {}
    return {
        "told_version": state.version,
        "told_at": state.delivered_at,
        "tries": state.tries,
        "last_status": state.status,
        "last_reason": state.reason,
        "next_try": None if state.delivered_at else state.next_at,
    }


def _content(record: AccessRecord) -> dict[str, Any]:
    """As the API of the product says it; a grace period that has ended is none, also before it is stored."""
    access = record.access
    level = current_level(access, at=utc_now())
    over = level is not access.level
    return {
        "organisation": record.organisation,
        "organisation_id": access.organisation_id,
        "access": level.value,
        "until": None if over else access.until,
        "why": GRACE_OVER if over else access.why,
        "plan": access.plan,
        "seats": access.seats,
        "subscription": access.subscription_id,
        "subscriptions": record.subscriptions,
        "version": access.version,
    }
