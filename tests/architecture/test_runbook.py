"""The runbook is true: its commands and options exist, and each kind of case has a drill."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from egpay.domain.case import CaseKind
from egpay_cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/runbook.md", "docs/cases.md")
DRILLS_AT_XERO = {CaseKind.OVERPAID, CaseKind.PAYMENT_UNDONE}
"""Kinds that only Xero leads to, which egpay does not read yet."""
MOST = 3
"""Commands from the customer's words to the cause."""


def test_every_command_and_option_that_a_page_names_exists() -> None:
    named = {(page, line) for page in PAGES for line in _commands((ROOT / page).read_text())}
    assert len(named) > 40
    assert {(page, line): fault for page, line in named if (fault := _fault(line))} == {}


def test_every_kind_of_case_has_a_drill() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \"", _drills(), re.MULTILINE)
    assert rows == [kind.value for kind in CaseKind if kind not in DRILLS_AT_XERO]


def test_every_drill_has_at_most_three_commands_and_looks_before_it_acts() -> None:
    blocks = re.findall(r"^### (.+?)$.*?```sh\n(.+?)```", _drills(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 9
    for title, block in blocks:
        lines = block.strip().splitlines()
        assert 2 <= len(lines) <= MOST, title
        assert lines[0].startswith(("egpay find", "egpay doctor")), title


def test_the_runbook_says_once_how_egpay_gets_on_the_path() -> None:
    text = (ROOT / "docs/runbook.md").read_text()
    assert text.count(".venv/bin") == 1
    assert text.index(".venv/bin") < text.index("```sh")


def _drills() -> str:
    text = (ROOT / "docs/runbook.md").read_text()
    return text.partition("## From the customer's words to the cause")[2].partition("\n## ")[0]


def _commands(page: str) -> Iterator[str]:
    """Every `egpay ...` of a page: lines of code blocks, and code within a sentence."""
    for block in re.findall(r"```sh\n(.+?)```", page, re.DOTALL):
        yield from (
            line.partition(" #")[0].strip() for line in block.splitlines() if line.startswith("egpay ")
        )
    outside = re.sub(r"```sh\n.+?```", "", page, flags=re.DOTALL)
    yield from re.findall(r"`(egpay [^`]+)`", outside)


def _fault(line: str) -> str | None:
    """What is wrong with a command line: a command or an option that there is not."""
    command: Any = get_command(app)
    words = shlex.split(line)[1:]
    while words and hasattr(command, "get_command") and not words[0].startswith("-"):
        found = command.get_command(_context(command), words[0])
        if found is None:
            return None if words[0] == "..." else f"no command {words[0]!r}"
        command, words = found, words[1:]
    options = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    options |= (
        {"--help", "--reason", "--json", "--dry-run"} if hasattr(command, "get_command") else {"--help"}
    )
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
    return f"no option {unknown[0]}" if unknown else None


def _context(command: Any) -> Any:
    import click

    return click.Context(command)
