"""Parameters of disputes, and of lists of warnings."""

from egpay_sandbox.stripe.requests.checkout import MetadataParam
from egpay_sandbox.stripe.requests.paging import ListParams, Params


class ChargeSignalList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/disputes/list and docs.stripe.com/api/radar/early_fraud_warnings/list."""

    charge: str | None = None
    payment_intent: str | None = None


class DisputeUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/disputes/update: evidence is submitted unless `submit` is false."""

    evidence: dict[str, str] | None = None
    metadata: MetadataParam = None
    submit: bool = True
