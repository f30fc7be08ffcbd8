"""What an operator sees of the letters before anybody gets one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from egpay.domain.letters import LetterKind
from egpay.settings import SettingsError
from egpay_cli.main import app

NONE_GIVEN = dict.fromkeys(
    ("MAIL_FROM", "SELLER_NAME", "SELLER_EMAIL", "SELLER_ADDRESS", "EMAIL_TEMPLATES", "MAILS_OFF"), ""
)


def egpay(*words: str, **env: str) -> str:
    result = CliRunner().invoke(app, ["emails", *words], env={**NONE_GIVEN, **env})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_every_kind_is_listed_with_its_audience_and_its_switch() -> None:
    lines = egpay("ls", MAILS_OFF="payment_retry").splitlines()
    assert [line.split()[0] for line in lines] == [kind.value for kind in LetterKind]
    assert [line for line in lines if line.endswith("(off)")] == [
        line for line in lines if line.startswith("payment_retry")
    ]


def test_a_letter_is_previewed_in_a_language_and_in_the_sellers_name(tmp_path: Path) -> None:
    file = tmp_path / "letter.html"
    told = egpay("preview", "shipped", "--language", "de", "--out", str(file), SELLER_NAME="Hafen GmbH")
    assert told == "shipped is written\n"
    page = file.read_text()
    assert "Ihre Geräte sind unterwegs" in page
    assert "Hafen GmbH" in page
    assert "Your devices from EG have left" in egpay("preview", "shipped")


def test_a_preview_of_a_broken_override_names_it(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text("[shipped]\nsubject = '{{ nothing }}'\n")
    with pytest.raises(SettingsError, match=r"EMAIL_TEMPLATES: .*en.toml \[shipped\]"):
        egpay("preview", "shipped", EMAIL_TEMPLATES=str(tmp_path))
