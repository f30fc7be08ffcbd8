"""Parameters of subscriptions, invoices and their payments."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.checkout import MetadataParam, NestedParams
from egpay_sandbox.stripe.requests.coupons import DiscountParams
from egpay_sandbox.stripe.requests.paging import ListParams, Params


class ItemUpdate(NestedParams, frozen=True, kw_only=True):
    """Changed quantity or price of one subscription item; without an id a further one."""

    id: str | None = None
    price: str | None = None
    quantity: Annotated[int, msgspec.Meta(ge=0, le=999_999)] | None = None
    deleted: bool = False
    metadata: MetadataParam = None


class ItemCreate(NestedParams, frozen=True, kw_only=True):
    """One item of a new subscription."""

    price: str
    quantity: Annotated[int, msgspec.Meta(ge=0, le=999_999)] = 1
    metadata: MetadataParam = None


class SubscriptionCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscriptions/create, as far as a card pays for it."""

    customer: str
    items: Annotated[list[ItemCreate], msgspec.Meta(min_length=1, max_length=20)]
    metadata: MetadataParam = None
    description: str | None = None
    default_payment_method: str | None = None
    discounts: Annotated[list[DiscountParams], msgspec.Meta(max_length=1)] | None = None
    trial_period_days: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None
    trial_end: int | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    off_session: bool = False
    collection_method: Literal["charge_automatically", "send_invoice"] = "charge_automatically"
    days_until_due: Annotated[int, msgspec.Meta(ge=0)] | None = None
    payment_behavior: Literal["allow_incomplete", "default_incomplete"] = "allow_incomplete"


class CancellationDetails(NestedParams, frozen=True, kw_only=True):
    """Reason of a cancellation."""

    comment: str | None = None
    feedback: str | None = None


class PauseCollection(NestedParams, frozen=True, kw_only=True):
    """Continues billing, stops collecting."""

    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"]
    resumes_at: int | None = None


class SubscriptionUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscriptions/update; an empty string unsets."""

    metadata: MetadataParam = None
    description: str | None = None
    cancel_at: int | str | None = None
    cancel_at_period_end: bool | None = None
    cancellation_details: CancellationDetails | None = None
    items: list[ItemUpdate] | None = None
    pause_collection: PauseCollection | str | None = None
    discounts: list[DiscountParams] | str | None = None
    proration_behavior: Literal["always_invoice", "create_prorations", "none"] | None = None
    payment_behavior: str | None = None
    default_payment_method: str | None = None
    trial_end: int | Literal["now"] | None = None
    collection_method: Literal["charge_automatically", "send_invoice"] | None = None
    days_until_due: Annotated[int, msgspec.Meta(ge=0)] | None = None


class SubscriptionItemChange(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscription_items/update and delete."""

    price: str | None = None
    quantity: Annotated[int, msgspec.Meta(ge=0, le=999_999)] | None = None
    metadata: MetadataParam = None
    proration_behavior: Literal["always_invoice", "create_prorations", "none"] | None = None


class SubscriptionItemCreate(SubscriptionItemChange, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscription_items/create."""

    subscription: str


class SubscriptionItemList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscription_items/list."""

    subscription: str


class SubscriptionCancel(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscriptions/cancel."""

    cancellation_details: CancellationDetails | None = None
    invoice_now: bool = False
    prorate: bool = False


class SubscriptionList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/subscriptions/list: canceled ones only when asked for."""

    customer: str | None = None
    price: str | None = None
    status: str | None = None


class InvoiceList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/invoices/list."""

    customer: str | None = None
    subscription: str | None = None
    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = None


class InvoicePay(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/invoices/pay."""

    paid_out_of_band: bool = False
    off_session: bool = True


class InvoiceFinalize(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/invoices/finalize."""

    auto_advance: bool = False


class PaymentFilter(NestedParams, frozen=True, kw_only=True):
    """Filter by payment: `payment[type]=payment_intent&payment[payment_intent]=pi_...`."""

    type: Literal["payment_intent"]
    payment_intent: str | None = None


class InvoicePaymentList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/invoice-payment/list."""

    invoice: str | None = None
    payment: PaymentFilter | None = None
    status: Literal["open", "paid", "canceled"] | None = None
