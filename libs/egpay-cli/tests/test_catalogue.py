"""What an operator sells: a file is applied whole or not at all, and the books say who did it and why."""

from pathlib import Path

import pytest
from egpay_system import CATALOGUE
from operator_system import EgpayCommand, OperatorSystem

ROW = """
[[product]]
id = "{id}"
kind = "device"
name = "{id}"
unit_amount = {amount}
currency = "{currency}"
"""


def written(path: Path, *rows: tuple[str, int, str]) -> str:
    path.write_text(
        "".join(ROW.format(id=id_, amount=amount, currency=currency) for id_, amount, currency in rows)
    )
    return str(path)


async def test_the_catalogue_changes_with_a_line_that_says_who_and_why(system: OperatorSystem) -> None:
    done = await system.egpay(
        "catalogue", "apply", str(CATALOGUE), "--local", "--json", "--reason", "a demonstration"
    )
    assert len(done.json["plan"]) == 4
    listed = (await system.egpay("catalogue", "ls")).out
    assert ("49.00 EUR" in listed, "monitoring-yearly" in listed) == (True, True)
    [line] = await system.ask("SELECT * FROM timeline WHERE kind = 'catalogue.applied'")
    assert "a demonstration" in line["what"]


async def test_a_file_with_a_fault_puts_nothing_on_sale(egpay: EgpayCommand, tmp_path: Path) -> None:
    file = written(tmp_path / "c.toml", ("good", 100, "eur"), ("bad", -5, "banana"))
    refused = await egpay("catalogue", "apply", file, expect=2)
    assert "product 2 ('bad'), unit_amount: " in refused.err
    assert "product 2 ('bad'), currency: " in refused.err
    assert (await egpay("catalogue", "ls", "--json")).json == []


async def test_a_dry_run_prints_the_plan_and_changes_nothing(system: OperatorSystem, tmp_path: Path) -> None:
    file = written(tmp_path / "c.toml", ("a", 100, "eur"), ("b", 100, "eur"))
    await system.egpay("catalogue", "apply", file, "--local")
    file = written(tmp_path / "c.toml", ("a", 200, "eur"), ("b", 100, "eur"), ("c", 300, "eur"))
    planned = (await system.egpay("catalogue", "apply", file, "--local", "--dry-run", "--json")).json
    assert [
        (one["id"], word in one["what"])
        for one, word in zip(
            planned["plan"], ("was 1.00 EUR", "as it should be", "goes on sale"), strict=True
        )
    ] == [("a", True), ("b", True), ("c", True)]
    assert [one["id"] for one in (await system.egpay("catalogue", "ls", "--json")).json] == ["a", "b"]
    assert len(await system.ask("SELECT 1 FROM timeline WHERE kind = 'catalogue.applied'")) == 1


async def test_each_amount_is_shown_with_its_currencys_own_digits(
    egpay: EgpayCommand, tmp_path: Path
) -> None:
    file = written(tmp_path / "c.toml", ("jp", 4900, "jpy"), ("kw", 1500, "kwd"))
    await egpay("catalogue", "apply", file, "--local")
    lines = (await egpay("catalogue", "ls")).out.splitlines()
    assert [line.split()[2:4] for line in lines] == [["4900", "JPY"], ["1.500", "KWD"]]


async def test_what_is_taken_off_sale_is_gone_until_it_is_applied_again(
    system: OperatorSystem, tmp_path: Path
) -> None:
    file = written(tmp_path / "c.toml", ("a", 100, "eur"), ("b", 100, "eur"))
    await system.egpay("catalogue", "apply", file, "--local")
    await system.egpay("catalogue", "off-sale", "a", "--dry-run")
    assert "a" in (await system.egpay("catalogue", "ls")).out.split()
    await system.egpay("catalogue", "off-sale", "a", "--reason", "sold out")
    assert [one["id"] for one in (await system.egpay("catalogue", "ls", "--json")).json] == ["b"]
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'catalogue.off_sale'")
    assert "sold out" in line["what"]
    await system.egpay("catalogue", "apply", file, "--local")
    assert [one["id"] for one in (await system.egpay("catalogue", "ls", "--json")).json] == ["a", "b"]


async def test_what_is_not_on_sale_cannot_be_taken_off(egpay: EgpayCommand) -> None:
    assert "not on sale: gone" in (await egpay("catalogue", "off-sale", "gone", expect=1)).err


@pytest.mark.parametrize("command", ["put", "seed"])
async def test_the_older_commands_are_gone(egpay: EgpayCommand, command: str) -> None:
    await egpay("catalogue", command, expect=2)
