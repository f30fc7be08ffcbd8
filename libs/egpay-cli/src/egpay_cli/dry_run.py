"""Dry run: prints field by field what a replay would change, without changing anything."""

import msgspec

from egpay.domain.errors import Refusal
from egpay.domain.values import MessageId
from egpay.operations.dry_run import DryRunResult
from egpay.operations.dry_run import dry_run as run_dry
from egpay.ports.inbox import Disposition, Receipt
from egpay.settings import from_env
from egpay_cli.mending import replaying
from egpay_cli.rules import rules
from egpay_cli.running import say
from egpay_cli.settings import OperatorSettings


async def dry_run_event(event_id: MessageId) -> tuple[DryRunResult, frozenset[MessageId]]:
    """Translate the webhook by today's rules and dry-run it; also return its commands decided before."""
    from egpay.adapters.postgres.books import PostgresBooks
    from egpay.adapters.postgres.connection.pool import create_pool

    fold = rules()
    async with replaying() as (kept, again):
        stored = await kept.webhook(event_id)
        if stored is None:
            raise Refusal(f"there is no webhook {event_id}")
        receipt = again.reading(stored)
        if receipt.event is None:
            return _leads_nowhere(receipt), frozenset()
        event = msgspec.structs.replace(receipt.event, id=MessageId(f"{event_id}:rehearsal"))
        url = from_env(OperatorSettings).database_url.reveal()
        async with create_pool(url, name="egpay-cli", size=1) as pool:
            rehearsed = await run_dry(event, PostgresBooks(pool), fold, buyer_email=receipt.buyer_email)
        known = await kept.sent([command.id for command in rehearsed.commands])
    return rehearsed, known


def print_rehearsal(rehearsed: DryRunResult, known: frozenset[MessageId] = frozenset()) -> None:
    """Print the result of a dry run for people."""
    for word, reason in (("parked", rehearsed.parked), ("ignored", rehearsed.ignored)):
        if reason:
            say(f"it would be {word}: {reason}")
    for change in rehearsed.changes:
        say(f"{change.record}  {change.field}: {_word(change.before)} -> {_word(change.after)}")
    for command in rehearsed.commands:
        tag = type(command).__struct_config__.tag
        say(f"command {tag}  {command.id}" + ("  (sent before, not again)" if command.id in known else ""))
    for case in rehearsed.cases:
        say(f"case {case}")
    for entry in rehearsed.entries:
        say(f"timeline {entry.kind}  {entry.what}")
    if rehearsed == DryRunResult():
        say("nothing would change")


def _leads_nowhere(receipt: Receipt) -> DryRunResult:
    if receipt.disposition is Disposition.PARKED:
        return DryRunResult(parked=receipt.reason)
    return DryRunResult(ignored=receipt.reason)


def _word(value: object) -> str:
    return "-" if value is None else str(value)
