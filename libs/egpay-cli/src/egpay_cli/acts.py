"""Acts: enters what an operator decided, or only rehearses it, and tells its key, what follows, and where to watch."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import msgspec
import typer

from egpay.adapters.postgres.connection.pool import Engine
from egpay.adapters.postgres.operator.acts import open_acts
from egpay.adapters.system.clock import utc_now
from egpay.domain.acts import Act, PersonalArguments, act_key
from egpay.domain.events import OperatorAct, Source
from egpay.domain.values import MessageId
from egpay.operations.acts import EnterAct, EnteredAct
from egpay.operations.dry_run import DryRunResult
from egpay.operations.dry_run import dry_run as run_dry
from egpay.settings import from_env
from egpay_cli.dry_run import print_rehearsal
from egpay_cli.options import AsJson, NeededReason, order
from egpay_cli.rules import rules
from egpay_cli.running import database, run, say, say_json
from egpay_cli.settings import OperatorSettings

Key = Annotated[
    str | None,
    typer.Option(
        "--key", help="Name of this act: the same key again is the same act. Drawn and printed unless given."
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help="Also when an equal act was entered within the last ten minutes.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]


class ActOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options that every act has."""

    reason: str
    key: str | None = None
    again: bool = False
    dry_run: bool = False
    as_json: bool = False

    def new_key(self) -> MessageId:
        """The key that was chosen, checked, or one that is drawn."""
        import secrets

        return act_key(self.key) if self.key is not None else MessageId(f"act_{secrets.token_hex(8)}")

    def header(self) -> dict[str, Any]:
        """What the event of every act has: its key, this moment, and that an operator is its source."""
        return {"id": self.new_key(), "occurred_at": utc_now(), "source": Source.OPERATOR}


async def known_subject(engine: Engine, options: ActOptions) -> str | None:
    """What the act of the chosen key is about, if it was entered: the name that led to it may lead there no more."""
    if options.key is None:
        return None
    async with open_acts(engine)() as transaction:
        known = await transaction.of_key(options.new_key())
    return None if known is None else known.subject


_OPTIONS = (
    Parameter("reason", Parameter.KEYWORD_ONLY, annotation=NeededReason),
    Parameter("key", Parameter.KEYWORD_ONLY, default=None, annotation=Key),
    Parameter("again", Parameter.KEYWORD_ONLY, default=False, annotation=Again),
    Parameter("dry_run", Parameter.KEYWORD_ONLY, default=False, annotation=DryRun),
    Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=AsJson),
)


def act_command(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every act has; it takes them together, as `options`."""
    own = [one for one in signature(command).parameters.values() if one.name != "options"]
    parameters = [*own, *_OPTIONS]

    @wraps(command)
    def called(**given: Any) -> None:
        options = ActOptions(**{one.name: given.pop(one.name) for one in _OPTIONS})
        command(**given, options=options)

    called.__dict__["__signature__"] = signature(command).replace(parameters=parameters)
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def enter(
    event: OperatorAct,
    options: ActOptions,
    *,
    watch: str,
    personal: PersonalArguments | None = None,
    hindered: Callable[[], str | None] = lambda: None,
) -> None:
    """Enter an act and print what became of it; `watch` is the command that shows how it goes on.

    `hindered` says why it is not done now, beyond what its reaction knows.
    """
    who = order(options.reason).who
    act = Act(event=event, who=who, why=options.reason, personal=personal or PersonalArguments())
    entered = run(lambda: _enter(act, options, hindered))
    if options.as_json:
        say_json(_content(act, entered, watch, dry_run=options.dry_run))
        return
    _print(entered, watch, dry_run=options.dry_run)


async def _enter(act: Act, options: ActOptions, hindered: Callable[[], str | None]) -> EnteredAct:
    async def rehearse(one: Act) -> DryRunResult:
        reason = hindered()
        return await _rehearse(one) if reason is None else DryRunResult(refused=reason)

    async with database() as engine:
        use_case = EnterAct(open_acts(engine), rehearse)
        again = options.again or options.key is not None
        return await use_case(act, again=again, dry_run=options.dry_run)


async def _rehearse(act: Act) -> DryRunResult:
    from egpay.adapters.postgres.books import PostgresBooks
    from egpay.adapters.postgres.connection.pool import create_pool

    fold = rules()
    url = from_env(OperatorSettings).database_url.reveal()
    async with create_pool(url, name="egpay-cli", size=1) as pool:
        books = PostgresBooks(pool, rehearsed={act.key: act.record})
        return await run_dry(act.event, books, fold)


def _content(act: Act, entered: EnteredAct, watch: str, *, dry_run: bool) -> dict[str, object]:
    return {
        "key": entered.key,
        "act": act.kind,
        "subject": act.event.subject,
        "new": entered.new,
        "dry_run": dry_run,
        "entered_at": entered.entered_at,
        **msgspec.to_builtins(entered.outcome),
        "watch": watch,
    }


def _print(entered: EnteredAct, watch: str, *, dry_run: bool) -> None:
    if not entered.new:
        say(f"{entered.key}  is entered since {entered.entered_at:%Y-%m-%d %H:%M:%S} UTC; nothing new")
    elif dry_run:
        print_rehearsal(entered.outcome)
        return
    else:
        say(f"{entered.key}  is entered; by the books of this moment it leads to")
        print_rehearsal(entered.outcome)
    say(f"watch it with `{watch}`")
