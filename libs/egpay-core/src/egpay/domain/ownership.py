"""Ownership rule: whether what an event is about is ours, one function for every way in which it comes."""

from datetime import datetime
from typing import get_args

import msgspec

from egpay.domain.books import Books
from egpay.domain.events import (
    AccessDue,
    BillingEvent,
    CheckoutCompleted,
    CheckoutExpired,
    CheckoutPaymentFailed,
    CustomerChanged,
    CustomerDeleted,
    OperatorAct,
    OwnerIdentified,
    OwnerUnknown,
    PaymentEvent,
    RefundRefused,
    RenewalOverdue,
    ShipmentReported,
    SubscriptionChanged,
    WithdrawalDeclared,
)
from egpay.domain.foreign import NO_SUBSCRIPTION, NOTHING_OF_OURS, OTHER_INSTALLATION, UNKNOWN_SALE
from egpay.domain.values import PaymentIntentId

_OWN_WORDS = frozenset(
    (
        ShipmentReported,
        OwnerIdentified,
        OwnerUnknown,
        RenewalOverdue,
        AccessDue,
        RefundRefused,
        WithdrawalDeclared,
        *get_args(OperatorAct),
    )
)
"""From our warehouse, our own questions, our storefront and our operators: about nothing but what is ours."""
_OF_SESSIONS = frozenset((CheckoutCompleted, CheckoutExpired, CheckoutPaymentFailed))
# By exact type: a negative `isinstance` of a message goes through abc, which is a tenth of the verdict's cost each.


def foreign_because(event: BillingEvent, books: Books) -> str | None:
    """Why an event is foreign, None when it is ours; a customer's end concerns its subscriptions alone."""
    if type(event) is CustomerDeleted:
        return None if books.subscriptions_of_customer(event.customer_id) else NO_SUBSCRIPTION
    return _foreign_because(event, books)


def _foreign_because(event: BillingEvent, books: Books) -> str | None:
    """Why an event is foreign, None when it is ours: our mark, else our books, the catalogue, or adoption.

    A customer makes nothing ours but what is said about the customer itself: the same person may buy something else
    on the account. What only names a payment is not foreign before the provider was asked for its invoice.
    """
    if type(event) in _OWN_WORDS or _bears_our_mark(event, books):
        return None
    if _of_another_installation(event, books):
        return OTHER_INSTALLATION
    if type(event) in _OF_SESSIONS:
        return UNKNOWN_SALE
    if _in_our_books(event, books) or _in_the_catalogue(event, books) or _adopted(event, books):
        return None
    if isinstance(event, PaymentEvent) and not event.traced:
        return None
    return UNKNOWN_SALE if event.sale_id else NOTHING_OF_OURS


def without_unknown_sale(event: BillingEvent, books: Books) -> BillingEvent:
    """The event without the mark of a sale that our database does not know, such as a colleague's on one account."""
    if event.sale_id is None or type(event) in _OWN_WORDS or _bears_our_mark(event, books):
        return event
    return msgspec.structs.replace(event, sale_id=None)


def ours_since(event: SubscriptionChanged, books: Books) -> datetime | None:
    """Since when a subscription without a sale can be ours; one made before is adopted without a letter."""
    this = books.installation
    known = [
        books.loaded.known_prices[name].since for name in event.prices if name in books.loaded.known_prices
    ]
    if this is not None and this.adopts_since is not None:
        known.append(this.adopts_since)
    if known:
        return min(known)
    return this.since if this is not None else None


def _bears_our_mark(event: BillingEvent, books: Books) -> bool:
    if _of_another_installation(event, books):
        return False
    if event.sale_id is not None:
        return books.sale(event.sale_id) is not None
    return event.installation is not None


def _of_another_installation(event: BillingEvent, books: Books) -> bool:
    if event.installation is None:
        return False
    this = books.installation
    return this is not None and event.installation != this.id


def _in_our_books(event: BillingEvent, books: Books) -> bool:
    if isinstance(event, CustomerChanged):
        return bool(books.subscriptions_of_customer(event.customer_id))
    if books.subscription(getattr(event, "subscription_id", None)) is not None:
        return True
    intent, invoice = getattr(event, "payment_intent_id", None), getattr(event, "invoice_id", None)
    if invoice is not None and books.payment(invoice) is not None:
        return True
    return (intent or invoice) is not None and (
        books.payment_known_as(payment_intent=PaymentIntentId(intent or ""), invoice=invoice) is not None
    )


def _in_the_catalogue(event: BillingEvent, books: Books) -> bool:
    """A subscription of our prices, unless it bears our mark with a sale that only a copy of our database knows."""
    return (
        isinstance(event, SubscriptionChanged)
        and (event.sale_id is None or event.installation is None)
        and any(name in books.loaded.known_prices for name in event.prices)
    )


def _adopted(event: BillingEvent, books: Books) -> bool:
    this = books.installation
    adopts = this is not None and this.adopts_since is not None
    return adopts and getattr(event, "subscription_id", None) is not None
