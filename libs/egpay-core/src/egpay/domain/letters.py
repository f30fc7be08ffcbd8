"""Letter kinds: the one table of what is written to whom, once for which fact; the rest is derived from it.

The name of a kind is also its section in the files of texts and its word in MAILS_OFF.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.order import Order
from egpay.domain.payment import Payment
from egpay.domain.values import MessageId, SaleId, TotalDetails


class LetterKind(StrEnum):
    """Kind of a letter."""

    INTRODUCTION = "introduction"
    ORDER_CONFIRMATION = "order_confirmation"
    PAYMENT_PENDING = "payment_pending"
    PAYMENT_FAILED = "payment_failed"
    SHIPPED = "shipped"
    DELAYED = "delayed"
    PARCEL_LOST = "parcel_lost"
    PARCEL_RETURNED = "parcel_returned"
    REFUNDED = "refunded"
    TRIAL_ENDS = "trial_ends"
    SUBSCRIPTION_WILL_END = "subscription_will_end"
    SUBSCRIPTION_ENDED = "subscription_ended"
    ORGANISATION_ADDED = "organisation_added"
    ACCOUNT_USED_AGAIN = "account_used_again"
    CONFIRM_PAYMENT = "confirm_payment"
    PAYMENT_RETRY = "payment_retry"
    LAST_NOTICE = "last_notice"
    PORTAL_LINK = "portal_link"
    WITHDRAWAL_RECEIVED = "withdrawal_received"


INTRODUCTIONS = frozenset(
    {LetterKind.INTRODUCTION, LetterKind.ORGANISATION_ADDED, LetterKind.ACCOUNT_USED_AGAIN}
)
"""The letters that tell an admin of the account of his order; each order leads to one of them."""


class Audience(StrEnum):
    """Audience of a letter: the admin, the provider's billing address (the admin where that takes no mail), or the one
    who asked for it."""

    ADMIN = "admin"
    BILLING = "billing"
    ASKING = "asking"


class LetterRule(msgspec.Struct, frozen=True):
    """Letter rule: to whom a kind goes, the key under which it goes once, and what must hold when it is sent."""

    to: Audience
    key: str
    when: str


_ADMIN, _BILLING = Audience.ADMIN, Audience.BILLING

LETTERS: Mapping[LetterKind, LetterRule] = {
    LetterKind.INTRODUCTION: LetterRule(
        _ADMIN, "introduction:{organisation}", "an account was opened; again on request, with a new link"
    ),
    LetterKind.ORDER_CONFIRMATION: LetterRule(_ADMIN, "confirmation:{sale}", "the sale is settled"),
    LetterKind.PAYMENT_PENDING: LetterRule(
        _ADMIN, "pending:{session}", "Checkout is finished and a delayed payment is under way"
    ),
    LetterKind.PAYMENT_FAILED: LetterRule(
        _ADMIN, "payment_failed:{session}", "the delayed payment failed and no other one came"
    ),
    LetterKind.SHIPPED: LetterRule(_ADMIN, "shipped:{parcel}", "the warehouse says that the parcel has left"),
    LetterKind.DELAYED: LetterRule(
        _ADMIN, "delayed:{parcel}", "the warehouse cannot send the devices, which have not left"
    ),
    LetterKind.PARCEL_LOST: LetterRule(_ADMIN, "lost:{parcel}", "the carrier has lost the parcel"),
    LetterKind.PARCEL_RETURNED: LetterRule(
        _ADMIN, "returned:{parcel}", "the parcel came back to the warehouse"
    ),
    LetterKind.REFUNDED: LetterRule(
        _ADMIN, "refunded:{payment}:{amount}:{came_back}", "money was given back"
    ),
    LetterKind.TRIAL_ENDS: LetterRule(
        _ADMIN, "trial_ends:{subscription}:{end}", "a trial that goes on ends within 7 days"
    ),
    LetterKind.SUBSCRIPTION_WILL_END: LetterRule(
        _ADMIN, "will_end:{subscription}:{end}", "the end of a running subscription is set"
    ),
    LetterKind.SUBSCRIPTION_ENDED: LetterRule(
        _ADMIN, "ended:{subscription}", "a subscription that had an account is over"
    ),
    LetterKind.ORGANISATION_ADDED: LetterRule(
        _ADMIN, "organisation_added:{organisation}", "a known user became admin of a further organisation"
    ),
    LetterKind.ACCOUNT_USED_AGAIN: LetterRule(
        _ADMIN, "account_used_again:{sale}", "a known e-mail ordered for an organisation of its own"
    ),
    LetterKind.CONFIRM_PAYMENT: LetterRule(
        _BILLING, "confirm_payment:{invoice}", "the bank wants a renewal confirmed"
    ),
    LetterKind.PAYMENT_RETRY: LetterRule(
        _BILLING, "reminder:{invoice}:{attempt}", "a renewal failed and the provider will try again"
    ),
    LetterKind.LAST_NOTICE: LetterRule(
        _BILLING, "last_notice:{invoice}", "a renewal failed and the provider will not try again"
    ),
    LetterKind.PORTAL_LINK: LetterRule(
        _ADMIN, "portal:{link}", "this e-mail asked for a link and owns a live subscription"
    ),
    LetterKind.WITHDRAWAL_RECEIVED: LetterRule(
        Audience.ASKING, "withdrawal_received:{withdrawal}", "a consumer withdrew from an order, at once"
    ),
}
"""Every kind once. `key` names the fact, so that two events that state it lead to one letter."""


def letter_key(kind: LetterKind, **fact: str | int) -> MessageId:
    """The key of the one letter of this kind about a fact; also the id of the command that sends it."""
    return MessageId(LETTERS[kind].key.format(**fact))


def told_back(payment: Payment) -> int:
    """What the buyer may be told that he got back; 0 while it is not known what was paid, or what of it is in doubt.

    Refunds beyond the payment cannot all have gone through: one has failed, and that was not reported yet.
    """
    if not payment.amount_refunded:
        return 0
    refunds, convert = payment.refunds, payment.in_own_currency
    known = payment.currency and refunds.is_clear(convert) and refunds.counting(convert) <= payment.amount
    return payment.amount_refunded if known else 0


def refund_key(payment: Payment) -> MessageId:
    """The key of the letter about what went back; a refund in place of one that failed has another one."""
    return letter_key(
        LetterKind.REFUNDED,
        payment=payment.id,
        amount=payment.amount_refunded,
        came_back=len(payment.refunds.failed()),
    )


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Letter: what is said to one person, before a template words it; what a kind does not say is left out.

    `fallback` takes the letter where `to` cannot be written to. `at` is the one date that the kind is about, `amount`
    the one sum, in minor units, which the lines of `order` and `totals` lead to. `url` is a page of a provider's, `token`
    opens one of ours, `statement` was typed by the reader. `key` is its key where that is not the id of its command.
    """

    kind: LetterKind
    key: MessageId | None = None
    to: str
    fallback: str | None = None
    language: str | None = None
    name: str = ""
    organisation: str = ""
    sale_id: SaleId | None = None
    order: Order | None = None
    amount: int | None = None
    totals: TotalDetails | None = None
    currency: str = ""
    in_full: bool = False
    at: datetime | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    url: str | None = None
    token: str | None = None
    statement: str = ""
