"""Parameters of refunds."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.checkout import MetadataParam
from egpay_sandbox.stripe.requests.paging import ListParams, Params


class RefundCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/refunds/create: the whole rest, or an amount in minor units."""

    payment_intent: str | None = None
    charge: str | None = None
    amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: MetadataParam = None
    instructions_email: str | None = None


class RefundUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/refunds/update."""

    metadata: MetadataParam = None


class RefundList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/refunds/list."""

    charge: str | None = None
    payment_intent: str | None = None
