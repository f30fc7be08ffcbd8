"""Lazy commands: loads the module of a command when it is run, because all of them take a second to load."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

COMMANDS = (
    "access",
    "account",
    "cases",
    "catalogue",
    "dead-letters",
    "doctor",
    "emails",
    "events",
    "find",
    "migrate",
    "outbox",
    "reconcile",
    "sale",
    "stats",
    "stripe",
    "subscription",
)
"""Each is a module of this package, with `_` for `-`: its `app` has subcommands, else its function of that name runs."""

ACTS: Mapping[str, Sequence[str]] = {"account": ["account_acts"], "sale": ["sale_acts", "money_acts"]}
"""Modules whose `register` adds subcommands; they are loaded for one that the command's own module does not have."""


class LazyCommands(TyperGroup):
    """Group of commands that imports the module of the one that is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework gives it
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the command, once."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
        return super().get_command(ctx, cmd_name)


class LazyActs(TyperGroup):
    """Group whose acts are imported when one is asked for, or all are listed: to read needs none of them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all subcommands."""
        self._load_acts()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the acts unless the command is there without them."""
        if cmd_name not in self.commands:
            self._load_acts()
        return super().get_command(ctx, cmd_name)

    def _load_acts(self) -> None:
        acts = typer.Typer()
        for module in ACTS[self.name or ""]:
            import_module(f"egpay_cli.{module}").register(acts)
        for name, command in get_group(acts).commands.items():
            self.commands.setdefault(name, command)


def _load(name: str) -> Any:
    module = import_module(f"egpay_cli.{name.replace('-', '_')}")
    found = getattr(module, "app", None)
    if isinstance(found, typer.Typer):
        if name in ACTS:
            found.info.cls = LazyActs
        command: Any = get_group(found)
    else:
        single = typer.Typer(add_completion=False)
        single.command(name)(getattr(module, name.replace("-", "_")))
        command = get_command(single)
    command.name = name
    return command
