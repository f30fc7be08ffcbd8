"""Webhook commands: list, show, dry-run and replay the webhooks in the inbox."""

from typing import Annotated, Any

import msgspec
import typer

from egpay.domain.errors import Refusal
from egpay.domain.values import MessageId, SaleId
from egpay.operations.dry_run import DryRunResult
from egpay.operations.replay import ReplayRequest, ReplayResult
from egpay.ports.inbox import Disposition
from egpay.ports.operator_queries import StoredWebhook, WebhookFilter
from egpay_cli.dry_run import dry_run_event, print_rehearsal
from egpay_cli.mending import archive, replaying
from egpay_cli.options import AsJson, Reason, moment, order
from egpay_cli.output import Cell, print_record, print_section, print_table
from egpay_cli.running import readable, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Webhooks as they came in.")
EventId = Annotated[str, typer.Argument(help="The provider's id, such as evt_...")]


@app.command("ls")
def listed(
    *,
    kind: Annotated[
        str | None, typer.Option("--type", help="A type; a star ends a prefix: invoice.*")
    ] = None,
    sale: Annotated[str | None, typer.Option(help="Only those of this sale.")] = None,
    disposition: Annotated[Disposition | None, typer.Option(help="What became of them at the door.")] = None,
    since: Annotated[str | None, typer.Option(help="A moment, or an age such as 12h.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List webhooks, newest first."""
    wanted = WebhookFilter(
        type=kind,
        sale_id=SaleId(sale) if sale else None,
        disposition=disposition,
        since=moment(since),
        limit=limit,
    )
    found = run(lambda: _list(wanted))
    if as_json:
        say_json([_brief(webhook) for webhook in found])
        return
    print_table(
        ("received", "disposition", "times", "type", "id", "sale or reason"),
        [
            (
                one.received_at,
                Cell(one.disposition.value, "wrong" if one.disposition is Disposition.PARKED else "plain"),
                f"x{one.deliveries}" if one.deliveries > 1 else "",
                one.type,
                one.event_id,
                one.sale_id or one.reason or "",
            )
            for one in found
        ],
        empty="no such webhook",
    )


@app.command()
def show(
    event_id: EventId,
    *,
    body: Annotated[bool, typer.Option(help="Also the body; it holds personal data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one webhook and what became of it."""
    content = run(lambda: _show(MessageId(event_id), body=body))
    if as_json:
        say_json(content)
        return
    lines = content.pop("lines")
    print_record({name: value if name != "body" else str(value) for name, value in content.items()})
    print_section(
        "timeline", ("at", "kind", "what"), [(line["at"], line["kind"], line["what"]) for line in lines]
    )


@app.command()
def replay(
    event_id: EventId,
    *,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Enter a webhook once more, as today's rules read it. It changes only what is not so already."""
    if dry:
        rehearsed, known = run(lambda: dry_run_event(MessageId(event_id)))
        _print_dry(rehearsed, known, as_json=as_json)
        return
    replayed = run(lambda: _replay(MessageId(event_id), order(reason)))
    if as_json:
        say_json(replayed)
    elif replayed.disposition is Disposition.ACCEPTED:
        say(f"sent as {replayed.message_id}")
    else:
        say(f"{replayed.disposition}: {replayed.reason}")
    if not replayed.done:
        raise typer.Exit(1)


def _print_dry(rehearsed: DryRunResult, known: frozenset[MessageId], *, as_json: bool) -> None:
    if as_json:
        say_json({**msgspec.to_builtins(rehearsed), "known_commands": sorted(known)})
    else:
        print_rehearsal(rehearsed, known)
    if rehearsed.parked:
        raise typer.Exit(1)


async def _list(wanted: WebhookFilter) -> list[StoredWebhook]:
    async with archive() as kept:
        return list(await kept.webhooks(wanted))


async def _show(event_id: MessageId, *, body: bool) -> dict[str, Any]:
    async with archive() as kept:
        stored = await kept.webhook(event_id)
        if stored is None:
            raise Refusal(f"there is no webhook {event_id}")
        after = await kept.aftermath(event_id)
    content = {**_brief(stored), **msgspec.to_builtins(after)}
    return {**content, "body": readable(stored.body)} if body else content


async def _replay(event_id: MessageId, wanted: ReplayRequest) -> ReplayResult:
    async with replaying() as (kept, again):
        stored = await kept.webhook(event_id)
        if stored is None:
            raise Refusal(f"there is no webhook {event_id}")
        return await again.webhook(stored.source, event_id, wanted)


def _brief(webhook: StoredWebhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in webhook.__struct_fields__ if name != "body"}
