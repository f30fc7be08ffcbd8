"""Letter commands: list the kinds of letters, and preview one with sample data."""

from pathlib import Path
from typing import Annotated

import typer

from egpay.adapters.smtp.letter_samples import WRITTEN, sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.domain.errors import Refusal
from egpay.domain.letters import LETTERS, LetterKind
from egpay.settings import from_env
from egpay_cli.letter_settings import LetterSettings
from egpay_cli.options import AsJson
from egpay_cli.output import print_table
from egpay_cli.running import say, say_json

app = typer.Typer(no_args_is_help=True, help="The letters that buyers and payers get.")


@app.command("ls")
def show(*, as_json: AsJson = False) -> None:
    """List every kind of letter: to whom, when, and whether MAILS_OFF switches it off."""
    off = from_env(LetterSettings).mails_off
    kinds = [
        {"kind": kind.value, "to": rule.to.value, "when": rule.when, "off": kind.value in off}
        for kind, rule in LETTERS.items()
    ]
    if as_json:
        say_json(kinds)
        return
    print_table(
        ("kind", "to", "when"),
        [
            (str(one["kind"]), str(one["to"]), f"{one['when']}{'  (off)' if one['off'] else ''}")
            for one in kinds
        ],
    )


@app.command()
def preview(
    kind: Annotated[LetterKind, typer.Argument(help="A kind of `egpay emails ls`.", metavar="KIND")],
    *,
    language: Annotated[str | None, typer.Option(help="de, de-AT, en, ...")] = None,
    sample: Annotated[
        int, typer.Option(min=1, help="Which sample, where a kind has several.", metavar="NUMBER")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(help="File for the HTML part; without it the text is printed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Word a letter with sample data, as the worker would with these settings."""
    letters = sample_letters(language)[kind]
    if sample > len(letters):
        raise Refusal(f"{kind.value} has {len(letters)} samples")
    letter = _letters(from_env(LetterSettings)).render(
        letters[sample - 1], message_id="sample@localhost", date=WRITTEN
    )
    if out is not None:
        try:
            out.write_text(letter.html, encoding="utf-8")
        except OSError as fault:
            raise Refusal(f"the file cannot be written ({fault.strerror})") from None
    if as_json:
        say_json({"kind": kind.value, "subject": letter.subject, "text": letter.text, "html": letter.html})
    elif out is None:
        say(f"{letter.subject}\n\n{letter.text}")
    else:
        say(f"{kind.value} is written")


def _letters(settings: LetterSettings) -> JinjaEmailTemplates:
    return JinjaEmailTemplates(
        LetterLinks(storefront_url=settings.storefront_url, public_url=settings.public_url),
        Seller.of(
            settings.mail_from,
            name=settings.seller_name,
            email=settings.seller_email,
            address=settings.seller_address,
            withdrawal_days=settings.withdrawal_days if settings.sells_to == "consumers" else 0,
        ),
        language=settings.email_language,
        folder=Path(settings.email_templates) if settings.email_templates else None,
    )
