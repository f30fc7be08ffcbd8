"""Parameters of lists of disputes, warnings and credit notes."""

from egpay_sandbox.stripe.requests.paging import ListParams


class ChargeSignalList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/disputes/list and docs.stripe.com/api/radar/early_fraud_warnings/list."""

    charge: str | None = None
    payment_intent: str | None = None


class CreditNoteList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/credit_notes/list."""

    customer: str | None = None
    invoice: str | None = None
