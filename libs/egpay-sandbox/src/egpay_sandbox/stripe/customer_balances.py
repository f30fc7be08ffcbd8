"""Customer balances: credit (a negative balance) that the next invoice takes up, or a debt that it collects."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import invalid_parameter
from egpay_sandbox.stripe.currencies import checked_currency
from egpay_sandbox.stripe.customers import existing_customer
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import CustomerBalanceTransaction, Invoice
from egpay_sandbox.stripe.objects.credit_note import BalanceReason
from egpay_sandbox.stripe.requests.balances import BalanceTransactionCreate


def create_balance_transaction(
    account: SandboxAccount, params: BalanceTransactionCreate, customer_id: str
) -> CustomerBalanceTransaction:
    """Changes a customer's balance by request."""
    customer = existing_customer(account, customer_id)
    currency = checked_currency(params.currency, "currency")
    if customer.currency not in (None, currency):
        raise invalid_parameter("The customer has another currency.", "currency")
    transaction = change_balance(account, customer_id, params.amount, currency, "adjustment")
    return account.balance_transactions.store(
        msgspec.structs.replace(
            transaction,
            description=params.description,
            metadata=merge_metadata({}, params.metadata),
        )
    )


def change_balance(
    account: SandboxAccount,
    customer_id: str,
    amount: int,
    currency: str,
    reason: BalanceReason,
    *,
    invoice: str | None = None,
    credit_note: str | None = None,
) -> CustomerBalanceTransaction:
    """Records a change and emits `customer.updated` with the new balance."""
    before = existing_customer(account, customer_id)
    after = account.customers.store(
        msgspec.structs.replace(before, balance=before.balance + amount, currency=before.currency or currency)
    )
    transaction = account.balance_transactions.store(
        CustomerBalanceTransaction(
            id=new_id("cbtxn"),
            created=account.clock.now(),
            customer=customer_id,
            amount=amount,
            ending_balance=after.balance,
            currency=currency,
            type=reason,
            invoice=invoice,
            credit_note=credit_note,
        )
    )
    account.emit("customer.updated", after, before)
    return transaction


def apply_balance(account: SandboxAccount, invoice: Invoice) -> Invoice:
    """Takes a finalized invoice's share of the customer's balance; a negative total becomes credit."""
    customer = account.customers.get(invoice.customer)
    if customer is None or customer.deleted:
        return invoice
    start = customer.balance
    end = min(0, invoice.total + start)
    if end != start:
        change_balance(
            account, customer.id, end - start, invoice.currency, "applied_to_invoice", invoice=invoice.id
        )
    return msgspec.structs.replace(invoice, starting_balance=start, ending_balance=end)


def unapply_balance(account: SandboxAccount, invoice: Invoice) -> None:
    """Gives a voided invoice's share of the balance back."""
    taken = (invoice.ending_balance or 0) - invoice.starting_balance
    customer = account.customers.get(invoice.customer)
    if taken and customer is not None and not customer.deleted:
        change_balance(
            account,
            customer.id,
            -taken,
            invoice.currency,
            "unapplied_from_invoice",
            invoice=invoice.id,
        )
