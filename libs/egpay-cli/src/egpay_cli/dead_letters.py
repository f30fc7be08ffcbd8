"""Dead-letter (DLQ) commands: list, show, replay after the fix, or drop with a reason."""

import re
from typing import Annotated, Any

import typer

from egpay.domain.errors import EgpayError, Refusal
from egpay.operations.replay import ReplayRequest, ReplayResult
from egpay.ports.dead_letters import FailedIn
from egpay.ports.operator_queries import DeadLetterRecord
from egpay.ports.outbox import sale_id_in
from egpay_cli.mending import archive, replaying
from egpay_cli.options import AsJson, NeededReason, Reason, order
from egpay_cli.output import Cell, print_record, print_table, progress
from egpay_cli.running import readable, run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Messages that were set aside.")
_SALE_ID = re.compile(rb"\bsale_[a-z0-9]{26}\b")
Numbers = Annotated[list[int], typer.Argument(help="Numbers, as `ls` shows them.")]
Where = Annotated[
    FailedIn | None,
    typer.Option(
        help="inbox: not understood; books: our rules failed; delivery: an effect or the broker did; "
        "newer: a later release wrote it; forged: it is not from us."
    ),
]


@app.command("ls")
def listed(
    *,
    failed_in: Where = None,
    resolved: Annotated[bool, typer.Option(help="Also what was dealt with.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the dead letters, oldest first."""
    letters = run(lambda: _letters(failed_in, resolved=resolved))
    if as_json:
        say_json([_brief(letter) for letter in letters])
        return
    print_table(
        ("number", "since", "failed in", "tries", "subject", "sale", "reason"),
        [
            (
                letter.id,
                letter.created_at,
                Cell("resolved") if letter.resolved_at else Cell(letter.failed_in, "wrong"),
                letter.attempts,
                letter.subject,
                _sale_of(letter),
                letter.reason,
            )
            for letter in letters
        ],
        empty="no dead letters",
    )


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The number, as `ls` shows it.")],
    *,
    body: Annotated[bool, typer.Option(help="Also the message itself; it may hold personal data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one: whose it is, why it was set aside with the other side's own code, and the stack for the repair."""
    letter = run(lambda: _letter(number))
    if letter is None:
        raise Refusal(f"there is no dead letter {number}")
    content = {**_brief(letter), "trace": letter.trace}
    if body:
        content["body"] = readable(letter.payload)
    if as_json:
        say_json(content)
        return
    print_record({name: value if name != "body" else str(value) for name, value in content.items()})
    if content["sale_id"]:
        say(f"\negpay sale show {content['sale_id']}")


@app.command()
def replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers, as `ls` shows them.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    failed_in: Where = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Handle them afresh, after the fix. What still fails stays aside, with the new reason; the exit code is 1 then."""
    if bool(numbers) == everything:
        raise typer.BadParameter("give numbers or --all")
    told = run(lambda: _replay(numbers, failed_in, order(reason)))
    if as_json:
        say_json(told)
    else:
        for each in told:
            say(f"{each['id']:>6}  {each['message_id']}  {each['outcome']}")
    if any(each["outcome"] not in ("sent", "ignored") for each in told):
        raise typer.Exit(1)


@app.command()
def drop(numbers: Numbers, *, reason: NeededReason, as_json: AsJson = False) -> None:
    """Decide that they will not be handled. They stay on file with the reason."""
    dropped = run(lambda: _drop(numbers, order(reason)))
    if as_json:
        say_json([_brief(letter) for letter in dropped])
        return
    for letter in dropped:
        say(f"{letter.id:>6}  {letter.message_id}  dropped")


async def _letters(failed_in: str | None, *, resolved: bool) -> list[DeadLetterRecord]:
    async with archive() as kept:
        return list(await kept.letters(failed_in=failed_in, resolved=resolved))


async def _letter(number: int) -> DeadLetterRecord | None:
    async with archive() as kept:
        return await kept.letter(number)


async def _replay(
    numbers: list[int] | None, failed_in: str | None, wanted: ReplayRequest
) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    async with replaying() as (kept, again):
        chosen = numbers or [letter.id for letter in await kept.letters(failed_in=failed_in)]
        with progress("replaying", len(chosen)) as step:
            for number in chosen:
                try:
                    told.append({"id": number, **_outcome(await again.letter(number, wanted))})
                except EgpayError as fault:
                    told.append({"id": number, "message_id": None, "outcome": str(fault)})
                step(str(number))
    return told


async def _drop(numbers: list[int], wanted: ReplayRequest) -> list[DeadLetterRecord]:
    async with replaying() as (_, again):
        return [await again.drop(number, wanted) for number in numbers]


def _outcome(replayed: ReplayResult) -> dict[str, Any]:
    words = {"accepted": "sent", "ignored": "ignored"}
    outcome = words.get(replayed.disposition, f"still not understood: {replayed.reason}")
    return {"message_id": replayed.message_id, "outcome": outcome}


def _brief(letter: DeadLetterRecord) -> dict[str, Any]:
    known = {
        name: getattr(letter, name) for name in letter.__struct_fields__ if name not in ("payload", "trace")
    }
    return {**known, "sale_id": _sale_of(letter)}


def _sale_of(letter: DeadLetterRecord) -> str | None:
    """The sale that a message of ours names, or that a webhook has among its provider's fields."""
    named = sale_id_in(letter.payload)
    if named is None and (found := _SALE_ID.search(letter.payload)):
        return found[0].decode()
    return named
