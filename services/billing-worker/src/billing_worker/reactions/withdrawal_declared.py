"""Withdrawal declared by a consumer: a person's case, and at once a receipt of what was declared and when."""

from billing_worker.rules.subscription_link import require_sale
from billing_worker.rules.timeline import add_entry
from billing_worker.rules.withdrawal import open_withdrawal
from egpay.domain.books import Books
from egpay.domain.commands import SendWithdrawalReceipt
from egpay.domain.events import WithdrawalDeclared
from egpay.domain.letters import LetterKind, letter_key


def withdrawal_declared(event: WithdrawalDeclared, books: Books) -> Books:
    """Open the case; the parcel and the money stay as they are until a person decides."""
    sale = require_sale(books, event)
    books = add_entry(
        books, event, "withdrawal.declared", "the buyer withdraws from the order", about=sale.id
    )
    receipt = SendWithdrawalReceipt(
        id=letter_key(LetterKind.WITHDRAWAL_RECEIVED, withdrawal=event.withdrawal_id),
        occurred_at=event.occurred_at,
        source=event.source,
        sale_id=sale.id,
        withdrawal_id=event.withdrawal_id,
    )
    return open_withdrawal(books, sale, event).with_commands(receipt)
