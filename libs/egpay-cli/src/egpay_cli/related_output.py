"""Related output: prints the accounts, sales, subscriptions, cases and pending work that belong together."""

from typing import Any

import msgspec

from egpay.adapters.postgres.operator.related_records import FoundAccount, RelatedRecords
from egpay.domain.currencies import shown
from egpay_cli.output import Cell, Row, masked_email, print_section
from egpay_cli.pending import CASE_COLUMNS, COLUMNS, case_rows, pending_rows
from egpay_cli.running import say


def masked(related: RelatedRecords) -> RelatedRecords:
    """The same with masked e-mail addresses."""
    accounts = [msgspec.structs.replace(one, email=masked_email(one.email)) for one in related.accounts]
    return msgspec.structs.replace(related, accounts=accounts)


def content(related: RelatedRecords) -> dict[str, Any]:
    """The same for programs, a list for each kind of record."""
    return {name: getattr(related, name) for name in related.__struct_fields__}


def print_related(related: RelatedRecords) -> None:
    """Print a table for each kind of record, and the command that tells more of the newest sale."""
    print_section(
        "accounts",
        ("organisation", "id", "admin", "e-mail", "status", "access", "until"),
        [_account(one) for one in related.accounts],
    )
    print_section(
        "sales",
        ("id", "status", "total", "ordered", "lacks"),
        [
            (one.id, one.status, shown(one.total, one.currency), one.created_at, _lack(one.lacks))
            for one in related.sales
        ],
    )
    print_section(
        "subscriptions",
        ("id", "status", "plan", "period ends", "ends"),
        [
            (one.id, one.status, f"{one.plan or '-'} x{one.quantity}", one.current_period_end, one.cancel_at)
            for one in related.subscriptions
        ],
    )
    print_section("open cases", CASE_COLUMNS, case_rows(related.cases))
    print_section("not done yet", COLUMNS, pending_rows(related.pending))
    if related.sales:
        say(f"\negpay sale show {related.sales[0].id}")


def _account(one: FoundAccount) -> Row:
    return (
        one.organisation,
        one.organisation_id,
        one.user_id,
        one.email,
        one.user_status,
        one.access,
        one.until,
    )


def _lack(lacks: str | None) -> Cell:
    return Cell(lacks, "wrong") if lacks else Cell("-")
