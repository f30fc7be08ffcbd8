"""Settings of billing-worker, read from the environment once, at the start."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from egpay import setting_checks
from egpay.adapters.smtp.letters import check_letters
from egpay.adapters.smtp.message import mailbox, recipient
from egpay.domain.access import GRACE_DAYS
from egpay.domain.foreign import PartRefund, RefundEnds
from egpay.domain.letters import LetterKind
from egpay.settings import BaseUrl, HttpUrl, Secret, Service, StripeKey, WarehouseSecret


def letter_kinds(text: str) -> None:
    """Kinds of letters, comma-separated; raises ValueError that names all there are."""
    if not set(setting_checks.entries(text)) <= set(LetterKind):
        raise ValueError(f"names what is no kind of letter; the kinds are {', '.join(LetterKind)}")


class AdoptSubscriptions(StrEnum):
    """Which subscriptions that no order of ours began are ours."""

    CATALOGUE = "catalogue"
    """Those of a price or product of our catalogue."""
    ALL = "all"
    """All of the account, which sells nothing else."""


class BillingWorkerSettings(Service, frozen=True, kw_only=True):
    """What billing-worker needs."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8010
    """Port of its health and metrics; 0 takes a free one."""
    stripe_secret_key: StripeKey
    """Stripe's API key, for the rare question that only Stripe can answer."""
    stripe_api_base: BaseUrl | None = None
    """Only to point at the sandbox."""
    stripe_questions_per_second: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Questions that all workers together ask Stripe in a second; its own limit is 100, in test mode 25
    (docs.stripe.com/rate-limits)."""
    storefront_url: BaseUrl
    """Where the link of an introduction e-mail leads."""
    adopt_subscriptions: AdoptSubscriptions = AdoptSubscriptions.CATALOGUE
    """`catalogue`: a subscription made at Stripe is ours when its price or product is; `all`: every one of the account
    is, which sells nothing else. Those made before the switch get an account and no letter."""
    refund_ends_subscription: RefundEnds = RefundEnds.ASK
    """When all money of a subscription, or of one renewal, is refunded or lost: `ask` opens a case, `now` ends it at
    once, `period_end` with its period."""
    part_refund: PartRefund = PartRefund.HOLD
    """When a part of the money is refunded before devices left: `hold` opens a case, `ship` lets all of them leave."""
    access_grace_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = GRACE_DAYS
    """Days of access after the oldest unpaid renewal fell due; what is read at the start holds for what comes after."""
    public_url: BaseUrl
    """Where the outside reaches checkout-api, which opens the link to the billing portal."""
    smtp_url: Annotated[Secret, setting_checks.smtp_url]
    """`smtp://user:password@host:port`, `smtps://` for TLS from the start."""
    mail_from: Annotated[str, mailbox]
    """Sender of our e-mails, `EG <hello@example.com>`."""
    seller_name: Annotated[str, setting_checks.words] | None = None
    """Who signs the letters; the name in MAIL_FROM unless given."""
    seller_email: Annotated[str, recipient] | None = None
    """Where buyers write to, to withdraw from an order; the address in MAIL_FROM unless given."""
    seller_address: Annotated[str, setting_checks.words] | None = None
    """Postal address in one line, at the foot of every letter."""
    withdrawal_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14
    """Days after the last delivery in which an order can be withdrawn from; with 0 no letter says how."""
    sells_to: Literal["consumers", "businesses"] = "consumers"
    """Where only `businesses` are sold to, no letter says how to withdraw from an order."""
    email_language: Annotated[str, setting_checks.language] = "en"
    """Language of a letter where the order names none that there are texts in."""
    email_templates: Annotated[str, check_letters] | None = None
    """Folder of texts and layouts that override those in the box; checked with sample letters at the start."""
    mails_off: Annotated[tuple[LetterKind, ...], letter_kinds] = ()
    """Kinds of letters that are not sent, comma-separated."""
    warehouse_url: HttpUrl
    """Where shipping orders are posted."""
    warehouse_secret: WarehouseSecret
    """`whsec_...` (Standard Webhooks), shared with the warehouse."""
    app_webhook_url: HttpUrl | None = None
    """Where the product hears of organisations, access and sales; without it news waits in `app_deliveries`."""
    app_webhook_secret: tuple[WarehouseSecret, ...] = ()
    """`whsec_...` (Standard Webhooks), shared with the product, newest first; two while one is being rolled."""
    reconcile_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 300
    """Seconds between two looks for what no webhook told; 0 leaves that to `egpay reconcile`."""
    keep_webhooks_days: Annotated[int, msgspec.Meta(ge=31, le=36_500)] = 90
    """Days that webhooks are kept, bodies included: longer than the 30 for which Stripe lists its events."""
    keep_published_days: Annotated[int, msgspec.Meta(ge=8, le=36_500)] = 14
    """Days that published messages stay in the outbox: longer than the 7 for which the broker keeps them."""
    keep_processed_days: Annotated[int, msgspec.Meta(ge=8, le=36_500)] = 30
    """Days for which a message, or an order's Idempotency-Key, is recognised when it comes again."""
    keep_foreign_days: Annotated[int, msgspec.Meta(ge=8, le=36_500)] = 90
    """Days that events which are not ours are set aside, to be judged again when their object turns out to be ours."""
