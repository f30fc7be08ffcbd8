"""Credit note objects and customer balances. Amounts are minor units."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata

BalanceReason = Literal["adjustment", "applied_to_invoice", "unapplied_from_invoice", "credit_note"]


class CreditedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that a credit note is about, with the part of it that counts here."""

    refund: str
    amount: int


class CreditNoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line: of an invoice's line, or a text of its own."""

    id: str
    amount: int
    description: str
    quantity: int = 1
    invoice_line_item: str | None = None


class CreditNote(msgspec.Struct, frozen=True, kw_only=True, tag="credit_note", tag_field="object"):
    """Credit note: lowers what an open invoice asks for, or says how a paid one was given back.

    Of a paid one the amount is the sum of its refunds, what went to the customer's balance, and what was given
    back out of band.
    """

    id: str
    created: int
    amount: int
    currency: str
    customer: str
    invoice: str
    number: str
    prepaid: bool
    status: Literal["issued", "void"] = "issued"
    voided_at: int | None = None
    refunds: list[CreditedRefund] = []
    out_of_band: int = 0
    credited: int = 0
    balance_transaction: str | None = None
    lines: list[CreditNoteLine] = []
    reason: str | None = None
    memo: str | None = None
    metadata: Metadata = {}


class CustomerBalanceTransaction(
    msgspec.Struct, frozen=True, kw_only=True, tag="customer_balance_transaction", tag_field="object"
):
    """Change of a customer's balance; a negative `amount` is credit for the next invoice."""

    id: str
    created: int
    customer: str
    amount: int
    ending_balance: int
    currency: str
    type: BalanceReason
    invoice: str | None = None
    credit_note: str | None = None
    description: str | None = None
    metadata: Metadata = {}
