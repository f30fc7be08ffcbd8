"""Parameters of credit notes and customer balances."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.paging import ListParams, Params

_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class BalanceTransactionCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/customer_balance_transactions/create: a negative amount is credit."""

    amount: int
    currency: str
    description: str | None = None
    metadata: dict[str, str] | str | None = None


class CreditNoteLineParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One line of a credit note: a part of an invoice's line, or a text with an amount."""

    type: Literal["invoice_line_item", "custom_line_item"]
    invoice_line_item: str | None = None
    amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    unit_amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1
    description: str | None = None


class CreditedRefundParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A refund to link, whole or in part."""

    refund: str
    amount_refunded: Annotated[int, msgspec.Meta(ge=1)] | None = None
    type: Literal["refund"] = "refund"


class CreditNoteCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/credit_notes/create."""

    invoice: str
    amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    lines: list[CreditNoteLineParams] | None = None
    refund_amount: _NotNegative = 0
    refunds: list[CreditedRefundParams] | None = None
    credit_amount: _NotNegative = 0
    out_of_band_amount: _NotNegative = 0
    reason: Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"] | None = None
    memo: str | None = None
    metadata: dict[str, str] | str | None = None
    email_type: Literal["credit_note", "none"] = "credit_note"
    effective_at: int | None = None


class CreditNoteUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/credit_notes/update."""

    memo: str | None = None
    metadata: dict[str, str] | str | None = None


class CreditNoteList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/credit_notes/list."""

    customer: str | None = None
    invoice: str | None = None
