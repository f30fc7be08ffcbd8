"""Working set: the keys of the records a batch of events can reach, and the sale of each event."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from egpay.domain.acts import ActRecord
from egpay.domain.books import Records
from egpay.domain.events import (
    BillingEvent,
    CaseAct,
    CustomerChanged,
    CustomerDeleted,
    EmailCorrected,
    PaymentEvent,
    Source,
    SubscriptionChanged,
)
from egpay.domain.values import (
    CustomerId,
    EmailKey,
    InvoiceId,
    PaymentIntentId,
    SaleId,
    SubscriptionId,
    email_key,
)


class RecordKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Record keys: the keys by which a batch loads its records."""

    sales: frozenset[SaleId] = frozenset()
    subscriptions: frozenset[SubscriptionId] = frozenset()
    invoices: frozenset[InvoiceId] = frozenset()
    payment_intents: frozenset[PaymentIntentId] = frozenset()
    email_keys: frozenset[EmailKey] = frozenset()
    customers: frozenset[CustomerId] = frozenset()
    prices: frozenset[str] = frozenset()

    def __or__(self, other: "RecordKeys") -> "RecordKeys":
        """The union of both."""
        return RecordKeys(
            sales=self.sales | other.sales,
            subscriptions=self.subscriptions | other.subscriptions,
            invoices=self.invoices | other.invoices,
            payment_intents=self.payment_intents | other.payment_intents,
            email_keys=self.email_keys | other.email_keys,
            customers=self.customers | other.customers,
            prices=self.prices | other.prices,
        )


def keys_in(events: Sequence[BillingEvent]) -> RecordKeys:
    """The keys in the events themselves."""
    keys = RecordKeys(
        sales=frozenset(event.sale_id for event in events if event.sale_id),
        subscriptions=_named("subscription_id", events),
        invoices=_named("invoice_id", events),
        payment_intents=_named("payment_intent_id", events),
        customers=frozenset(
            event.report.customer_id
            for event in events
            if isinstance(event, SubscriptionChanged) and not event.sale_id and event.report.customer_id
        )
        | {event.customer_id for event in events if isinstance(event, CustomerChanged | CustomerDeleted)},
        prices=frozenset(
            name for event in events if isinstance(event, SubscriptionChanged) for name in event.prices
        ),
    )
    acts = [event for event in events if event.source is Source.OPERATOR]
    return keys | _named_by_acts(acts) if acts else keys


def _named_by_acts(acts: Sequence[BillingEvent]) -> RecordKeys:
    """What acts name beside the usual: orders, and the subject of a case, which may be an object of any kind."""
    subjects = frozenset(act.case_subject for act in acts if isinstance(act, CaseAct))
    return RecordKeys(
        sales=frozenset(name for act in acts if isinstance(act, EmailCorrected) for name in act.sales),
        subscriptions=frozenset(map(SubscriptionId, subjects)),
        invoices=frozenset(map(InvoiceId, subjects)),
    )


def keys_in_acts(acts: Iterable[ActRecord]) -> RecordKeys:
    """The keys in what the rows of acts hold beside their events."""
    arguments = [act.arguments for act in acts]
    new = {email_key(one.email) for one in arguments if one.email}
    return RecordKeys(email_keys=frozenset(new.union(*(one.admin_keys for one in arguments))))


def keys_linked_from(pages: Records) -> RecordKeys:
    """The keys to which loaded records link, as far as a reaction could write on the record.

    A payment stored under an invoice is a record of its own; the provider's id of a sale's payment is not. What is
    set aside as foreign may be judged again, so what it names is linked to.
    """
    sales, subscriptions, payments = (
        pages.sales.values(),
        pages.subscriptions.values(),
        pages.payments.values(),
    )
    return keys_in([each.event for each in pages.foreign.values()]) | RecordKeys(
        sales=frozenset(pages.sales)
        | {subscription.sale_id for subscription in subscriptions if subscription.sale_id}
        | {payment.sale_id for payment in payments if payment.sale_id},
        subscriptions=frozenset(pages.subscriptions)
        | {sale.subscription_id for sale in sales if sale.subscription_id}
        | {payment.subscription_id for payment in payments if payment.subscription_id},
        invoices=frozenset(InvoiceId(payment.id) for payment in payments if payment.id != payment.sale_id),
        email_keys=frozenset(sale.email_key for sale in sales)
        | {owner.email_key for owner in pages.owners.values()}
        | {account.admin.email_key for account in pages.accounts.values()},
        customers=frozenset(one.customer_id for one in subscriptions if not one.sale_id and one.customer_id),
    )


def resolve_sales(events: Sequence[BillingEvent], pages: Records) -> list[BillingEvent]:
    """Add to each event the sale it is about, where the loaded records have the link.

    A refund or a dispute is about a sale only when the sale's own payment is meant, never a renewal: the
    domain says so (`PaymentRefunded.sale_id`). These links never change once they are stored, so the time of
    the look-up does not matter.
    """
    by_subscription: dict[str, SaleId] = {}
    by_payment: dict[str, SaleId] = {}
    for subscription in pages.subscriptions.values():
        if subscription.sale_id:
            by_subscription[subscription.id] = subscription.sale_id
    for payment in pages.payments.values():
        if payment.sale_id and payment.id == payment.sale_id:
            by_payment.update(
                dict.fromkeys(_names(payment.invoice_id, payment.payment_intent_id), payment.sale_id)
            )
    for sale in pages.sales.values():
        by_subscription.update(dict.fromkeys(_names(sale.subscription_id), sale.id))
        by_payment.update(dict.fromkeys(_names(sale.invoice_id, sale.payment_intent_id), sale.id))
    return [event if event.sale_id else _with_sale(event, by_subscription, by_payment) for event in events]


def _with_sale(
    event: BillingEvent, by_subscription: Mapping[str, SaleId], by_payment: Mapping[str, SaleId]
) -> BillingEvent:
    of_subscription = None if isinstance(event, PaymentEvent) else getattr(event, "subscription_id", None)
    sale_id = (
        by_subscription.get(of_subscription or "")
        or by_payment.get(getattr(event, "invoice_id", None) or "")
        or by_payment.get(getattr(event, "payment_intent_id", None) or "")
    )
    return msgspec.structs.replace(event, sale_id=sale_id) if sale_id else event


def _named(field: str, events: Sequence[BillingEvent]) -> frozenset[Any]:
    return frozenset(name for event in events if (name := getattr(event, field, None)))


def _names(*names: str | None) -> list[str]:
    return [name for name in names if name]
