"""What an operator sees: tables that fit, colour for what is wrong, and failures that a program can read."""

import subprocess
import sys
from io import StringIO

import pytest
import typer
from operator_system import EgpayCommand
from rich.console import Console
from typer.testing import CliRunner

from egpay_cli.lazy_commands import COMMANDS
from egpay_cli.main import app
from egpay_cli.options import moment
from egpay_cli.output import Cell, masked_email, print_record, print_table, progress
from egpay_cli.sale import told_kind

ROWS = [
    (
        "send_letter",
        Cell("dead letter 17", "wrong"),
        "the mail server refuses the letter for good (550 5.1.1)",
    ),
    ("ship_devices", Cell("retried", "note"), "the warehouse answered 503"),
]


def drawn(width: int, *, no_color: bool = False) -> str:
    """The rows at a terminal of that width."""
    console = Console(
        file=StringIO(), width=width, force_terminal=True, no_color=no_color, color_system="standard"
    )
    print_table(("what", "state", "reason"), ROWS, console=console)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_fits_its_terminal_and_loses_nothing(width: int) -> None:
    plain = drawn(width, no_color=True).replace("\x1b[0m", "").replace("\x1b[1m", "")
    assert max(map(len, plain.splitlines())) <= width
    told = "whatstatereason" + "".join(
        cell if isinstance(cell, str) else cell.text for row in ROWS for cell in row
    )
    assert sorted("".join(plain.replace("─", "").split())) == sorted("".join(told.split()))


@pytest.mark.parametrize("width", [40, 60, 100])
def test_many_columns_share_a_narrow_terminal_and_none_is_cut_off(width: int) -> None:
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    row = (
        "Harbour Cycling Club",
        "org_" + "4" * 24,
        "usr_" + "4" * 24,
        "o***@harbour.example",
        "invited",
        "full",
        "-",
    )
    print_table(
        ("organisation", "id", "admin", "e-mail", "status", "access", "until"), [row], console=console
    )
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()).count("4") == 48


def test_what_fits_whole_is_not_folded_so_that_it_can_be_copied() -> None:
    lines = drawn(70, no_color=True).splitlines()
    assert [word for line in lines for word in line.split() if "_" in word] == ["send_letter", "ship_devices"]


def test_what_is_wrong_is_red_unless_colours_are_off() -> None:
    assert "\x1b[1;31mdead letter 17" in drawn(200)
    assert "\x1b[33mretried" in drawn(200)
    assert "31m" not in drawn(200, no_color=True)


def test_in_a_pipe_each_row_is_one_whole_line_without_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("what", "state", "reason"), ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "send_letter   dead letter 17  the mail server refuses the letter for good (550 5.1.1)",
        "ship_devices  retried         the warehouse answered 503",
    ]
    print_table(("what",), [], empty="nothing waits")
    print_record({"sale_id": "sale_1", "about": ("dp_1", "dp_2"), "until": None})
    assert capsys.readouterr().out == "nothing waits\nsale id  sale_1\nabout    dp_1, dp_2\n"


def test_progress_is_silent_where_no_one_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("replaying", 2) as step:
        step("17")
        step("18")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada@example.com", "a***@example.com"),
        ("@example.com", "***@example.com"),
        ("ada", "***"),
        (None, None),
    ],
)
def test_an_address_is_masked_so_that_only_its_owner_knows_it(address: str | None, shown: str | None) -> None:
    assert masked_email(address) == shown


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, "egpay 0.1.0\n")


def test_every_command_is_listed_and_loads() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    for name in COMMANDS:
        assert name in listed
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_a_shell_completes_commands_and_their_subcommands() -> None:
    def completed(words: str) -> str:
        env = {"_EGPAY_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return CliRunner().invoke(app, [], prog_name="egpay", env=env).output

    assert completed("egpay sa").split() == ["sale"]
    assert {"ls", "show"} <= set(completed("egpay sale ").split())


def test_to_read_a_sale_loads_neither_its_acts_nor_sqlalchemy() -> None:
    """Both took more than half of a second of CPU, of each command that an operator types."""
    shown = "import sys, egpay_cli.main, egpay_cli.find, egpay_cli.sale as sale; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "asyncpg" in loaded
    assert {"sqlalchemy", "jinja2", "rich", "stripe", "egpay_cli.sale_acts"}.isdisjoint(loaded)
    assert {"cancel", "refund", "show"} <= set(CliRunner().invoke(app, ["sale", "--help"]).output.split())


async def test_a_failure_under_json_is_an_object_with_a_code_on_stdout() -> None:
    egpay = EgpayCommand()
    wrong = {
        "usage": (("sale", "ls", "--status", "lost"), 2),
        "configuration": (("sale", "ls"), 2),
        "outage": (("sale", "ls"), 1),
    }
    for code, (words, expected) in wrong.items():
        given = {"DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/x"} if code == "outage" else {}
        failed = await egpay(*words, "--json", expect=expected, **given)
        assert failed.json["error"]["code"] == code
        assert (failed.err, "secret" in failed.out) == ("", False)


@pytest.mark.parametrize("age", ["99999999d", "9999999999999d", "never"])
def test_an_age_before_all_time_is_wrong_usage(age: str) -> None:
    with pytest.raises(typer.BadParameter):
        moment(age)


def test_on_a_timeline_an_act_that_did_nothing_and_money_that_does_not_go_back_stand_out() -> None:
    wrong = ("act.refused", "act.doubted", "refund.refused", "refund.failed", "refund.impossible")
    assert [told_kind(kind).tone for kind in (*wrong, "subscription.end_refused")] == ["wrong"] * 6
    assert [told_kind(kind).tone for kind in ("act.refund_requested", "refund.made")] == ["plain"] * 2
