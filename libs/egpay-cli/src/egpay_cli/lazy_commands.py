"""Lazy commands: loads the module of a command when it is run, because all of them take a second to load."""

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


def _load(name: str) -> Any:
    module = import_module(f"egpay_cli.{name.replace('-', '_')}")
    found = getattr(module, "app", None)
    if isinstance(found, typer.Typer):
        command: Any = get_group(found)
    else:
        single = typer.Typer(add_completion=False)
        single.command(name)(getattr(module, name.replace("-", "_")))
        command = get_command(single)
    command.name = name
    return command
