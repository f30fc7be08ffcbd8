"""Working set in memory: what `RecordKeys` reach, by the same conditions as the statement of PostgreSQL."""

from collections.abc import Iterable, Sequence

from egpay.domain.account import Account
from egpay.domain.acts import ActRecord, key_of
from egpay.domain.books import Records
from egpay.domain.case import Case
from egpay.domain.events import BillingEvent, CheckoutCompleted, Source
from egpay.domain.foreign import ForeignEvent
from egpay.domain.payment import Payment
from egpay.domain.values import CustomerId, MessageId, OrganisationId
from egpay.domain.working_set import RecordKeys, keys_linked_from
from egpay.testing.memory.store import Tables


def load(tables: Tables, reach: RecordKeys, customers: frozenset[CustomerId] = frozenset()) -> Records:
    """Load the working set: follow links until they lead to nothing new."""
    while True:
        pages = _pages(tables, reach, customers)
        further = reach | keys_linked_from(pages)
        if further == reach:
            return pages
        reach = further


def _pages(tables: Tables, reach: RecordKeys, customers: frozenset[CustomerId]) -> Records:
    invoices, intents = reach.invoices, reach.payment_intents
    accounts = _accounts(tables, reach)
    return Records(
        sales={
            key: sale
            for key, sale in tables.sales.items()
            if key in reach.sales
            or sale.subscription_id in reach.subscriptions
            or sale.invoice_id in invoices
            or sale.payment_intent_id in intents
        },
        subscriptions={
            key: subscription
            for key, subscription in tables.subscriptions.items()
            if key in reach.subscriptions
            or subscription.sale_id in reach.sales
            or subscription.organisation_id in accounts
            or subscription.customer_id in reach.customers
        },
        payments=_payments(tables, reach),
        shipments={key: tables.shipments[key] for key in reach.sales if key in tables.shipments},
        accounts=accounts,
        owners={key: owner for key, owner in tables.owners.items() if key in reach.subscriptions},
        cases=_cases(tables, reach, accounts),
        foreign=_set_aside(tables, reach, customers),
        known_prices={key: one for key, one in tables.known_prices.items() if key in reach.prices},
        installations=dict(tables.installations),
        accesses={key: tables.accesses[key] for key in accounts if key in tables.accesses},
    )


def _payments(tables: Tables, reach: RecordKeys) -> dict[str, Payment]:
    return {
        key: payment
        for key, payment in tables.payments.items()
        if key in reach.sales
        or key in reach.invoices
        or payment.invoice_id in reach.invoices
        or payment.payment_intent_id in reach.payment_intents
        or (payment.gone_in_full and payment.subscription_id in reach.subscriptions)
    }


def _cases(tables: Tables, reach: RecordKeys, organisations: Iterable[OrganisationId]) -> dict[str, Case]:
    subjects = {*reach.sales, *reach.subscriptions, *reach.invoices, *reach.payment_intents, *organisations}
    return {
        key: case
        for key, case in tables.cases.items()
        if case.sale_id in reach.sales or case.subject in subjects
    }


def _accounts(tables: Tables, reach: RecordKeys) -> dict[OrganisationId, Account]:
    """The accounts of these e-mails, and those whose subscription has one of these customers."""
    found = tables.subscriptions.values()
    peers = {one.organisation_id for one in found if one.customer_id in reach.customers}
    accounts = tables.accounts.items()
    return {key: one for key, one in accounts if one.admin.email_key in reach.email_keys or key in peers}


def _set_aside(
    tables: Tables, reach: RecordKeys, customers: frozenset[CustomerId]
) -> dict[MessageId, ForeignEvent]:
    named = {*reach.subscriptions, *reach.invoices, *reach.payment_intents, *customers}
    return {key: one for key, one in tables.foreign.items() if not named.isdisjoint(one.about)}


def buyer_emails(tables: Tables, events: Sequence[BillingEvent]) -> dict[MessageId, str]:
    """What buyers typed at the Checkout of these events."""
    receipts = (
        tables.webhook_events.get((event.source, event.id))
        for event in events
        if isinstance(event, CheckoutCompleted)
    )
    return {one.event_id: one.buyer_email for one in receipts if one and one.buyer_email}


def acts_of(tables: Tables, events: Sequence[BillingEvent]) -> dict[MessageId, ActRecord]:
    """The rows of the operator's acts among these events."""
    keys = {key_of(event) for event in events if event.source is Source.OPERATOR}
    return {key: tables.acts[key] for key in keys if key in tables.acts}
