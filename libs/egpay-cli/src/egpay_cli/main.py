"""The operator's `egpay`: prepare the system, look into a sale, and mend what is stuck.

Exit codes: 0 done, 1 failed, 2 wrong usage, or a configuration or file that is not usable. `--json` prints for programs.
"""

import sys

import typer

from egpay.domain.errors import EgpayError
from egpay.settings import SettingsError
from egpay_cli import (
    access,
    account,
    cases,
    catalogue,
    dead_letters,
    doctor,
    emails,
    events,
    migrate,
    money_acts,
    outbox,
    reconcile,
    sale,
    stripe,
)
from egpay_cli.catalogue_file import MalformedFile

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("migrate")(migrate.migrate)
app.command("reconcile")(reconcile.reconcile)
app.command("doctor")(doctor.doctor)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(sale.app, name="sale")
app.add_typer(cases.app, name="cases")
app.add_typer(access.app, name="access")
app.add_typer(money_acts.subscriptions, name="subscription")
app.add_typer(account.app, name="account")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(events.app, name="events")
app.add_typer(emails.app, name="emails")
app.add_typer(outbox.app, name="outbox")
app.add_typer(stripe.app, name="stripe")


def main() -> None:
    """Run the command; an expected error ends in one line, not in a traceback."""
    try:
        app()
    except (EgpayError, SettingsError) as fault:
        sys.stderr.write(f"egpay: {fault}\n")
        raise SystemExit(2 if isinstance(fault, SettingsError | MalformedFile) else 1) from None
